/* SPDX-License-Identifier: MIT */
/*
 * A line of batches that wait, and one of those that are empty. Both have an end, so neither memory nor descriptors
 * grow with what is walked.
 */
#include "scan/crew.h"

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define STACK ((size_t)512 * 1024) /* the library takes 32 KiB at most */

struct batch {
    struct batch *next;
    uint64_t number;
    size_t count, places;
    struct item items[CREW_FILES];
    size_t names[CREW_FILES]; /* where their names begin in `text`, which moves while it grows */
    char *text;
    size_t length, room;
};

struct hand {
    struct crew *crew;
    void *worker;
    pthread_t thread;
};

struct crew {
    struct crew_work work;
    struct hand *hands;
    size_t started, ready;
    struct batch *batches, *empty, *first, **last, *filled;
    pthread_mutex_t lock;          /* of the two lines */
    pthread_cond_t waits, is_free; /* there is a batch to do; an empty one */
    pthread_mutex_t output;        /* of what is written, and of whose turn it is */
    pthread_cond_t turn;
    uint64_t made, written;
    bool ended;
};

size_t crew_batches(size_t workers)
{
    return 2 * workers + 1;
}

/* In its turn, if there is an order. */
static void write_lines(struct crew *crew, void *worker, uint64_t number)
{
    (void)pthread_mutex_lock(&crew->output);
    while (crew->work.sorted && crew->written != number)
        (void)pthread_cond_wait(&crew->turn, &crew->output);
    crew->work.write(worker);
    crew->written++;
    (void)pthread_cond_broadcast(&crew->turn);
    (void)pthread_mutex_unlock(&crew->output);
}

static void do_batch(struct crew *crew, void *worker, struct batch *batch)
{
    size_t i;

    for (i = 0; i < batch->count; i++) {
        batch->items[i].name = batch->text + batch->names[i];
        crew->work.file(worker, &batch->items[i]);
        place_drop(batch->items[i].place);
    }
    write_lines(crew, worker, batch->number);
    batch->count = batch->places = batch->length = 0;
}

static void *work(void *argument)
{
    const struct hand *hand = argument;
    struct crew *crew = hand->crew;
    struct batch *batch;

    (void)pthread_mutex_lock(&crew->lock);
    crew->ready++;
    (void)pthread_cond_signal(&crew->is_free);
    for (;;) {
        while (!crew->first && !crew->ended)
            (void)pthread_cond_wait(&crew->waits, &crew->lock);
        batch = crew->first;
        if (!batch)
            break;
        crew->first = batch->next;
        if (!crew->first)
            crew->last = &crew->first;
        (void)pthread_mutex_unlock(&crew->lock);
        do_batch(crew, hand->worker, batch);
        (void)pthread_mutex_lock(&crew->lock);
        batch->next = crew->empty;
        crew->empty = batch;
        (void)pthread_cond_signal(&crew->is_free);
    }
    (void)pthread_mutex_unlock(&crew->lock);
    return NULL;
}

/* A thread makes calls of its own before it comes to `work`. They are made when this returns, and so before the
 * filter of calls. */
static bool start(struct crew *crew)
{
    pthread_attr_t attributes;
    int number = pthread_attr_init(&attributes);

    if (number == 0)
        number = pthread_attr_setstacksize(&attributes, STACK);
    while (number == 0 && crew->started < crew->work.count) {
        struct hand *hand = &crew->hands[crew->started];

        number = pthread_create(&hand->thread, &attributes, work, hand);
        crew->started += number == 0;
    }
    (void)pthread_attr_destroy(&attributes);
    (void)pthread_mutex_lock(&crew->lock);
    while (crew->ready != crew->started)
        (void)pthread_cond_wait(&crew->is_free, &crew->lock);
    (void)pthread_mutex_unlock(&crew->lock);
    errno = number;
    return number == 0;
}

struct crew *crew_new(const struct crew_work *work)
{
    struct crew *crew = calloc(1, sizeof(*crew));
    size_t batches = crew_batches(work->count), i;

    if (!crew)
        return NULL;
    crew->work = *work;
    crew->last = &crew->first;
    (void)pthread_mutex_init(&crew->lock, NULL);
    (void)pthread_mutex_init(&crew->output, NULL);
    (void)pthread_cond_init(&crew->waits, NULL);
    (void)pthread_cond_init(&crew->is_free, NULL);
    (void)pthread_cond_init(&crew->turn, NULL);
    crew->batches = calloc(batches, sizeof(*crew->batches));
    crew->hands = calloc(work->count, sizeof(*crew->hands));
    for (i = 0; crew->batches && i < batches; i++) {
        crew->batches[i].next = crew->empty;
        crew->empty = &crew->batches[i];
    }
    for (i = 0; crew->hands && i < work->count; i++)
        crew->hands[i] = (struct hand){.crew = crew, .worker = work->workers[i]};
    if (!crew->batches || !crew->hands || (work->count > 1 && !start(crew))) {
        crew_free(crew);
        return NULL;
    }
    return crew;
}

/* The batch that is being filled. Where one does all, it is done by the time that another is asked for. */
static struct batch *filling(struct crew *crew)
{
    if (crew->filled)
        return crew->filled;
    (void)pthread_mutex_lock(&crew->lock);
    while (!crew->empty)
        (void)pthread_cond_wait(&crew->is_free, &crew->lock);
    crew->filled = crew->empty;
    crew->empty = crew->filled->next;
    (void)pthread_mutex_unlock(&crew->lock);
    crew->filled->number = crew->made++;
    return crew->filled;
}

static void hand_over(struct crew *crew)
{
    struct batch *batch = crew->filled;

    crew->filled = NULL;
    if (crew->work.count == 1)
        do_batch(crew, crew->hands[0].worker, batch);
    (void)pthread_mutex_lock(&crew->lock);
    if (crew->work.count == 1) {
        batch->next = crew->empty;
        crew->empty = batch;
    } else {
        batch->next = NULL;
        *crew->last = batch;
        crew->last = &batch->next;
        (void)pthread_cond_signal(&crew->waits);
    }
    (void)pthread_mutex_unlock(&crew->lock);
}

static bool keep_name(struct batch *batch, const char *name)
{
    size_t length = strlen(name) + 1, room = (batch->length + length) * 2;
    char *grown;

    if (batch->room - batch->length < length) {
        grown = realloc(batch->text, room);
        if (!grown)
            return false;
        batch->text = grown;
        batch->room = room;
    }
    memcpy(batch->text + batch->length, name, length);
    batch->names[batch->count] = batch->length;
    batch->length += length;
    return true;
}

bool crew_add(struct crew *crew, const struct item *item)
{
    struct batch *batch = filling(crew);
    bool other = batch->count == 0 || batch->items[batch->count - 1].place != item->place;

    if (!keep_name(batch, item->name))
        return false;
    batch->items[batch->count++] = *item;
    batch->places += other;
    if (item->place)
        place_keep(item->place);
    if (batch->count == CREW_FILES || batch->places == CREW_PLACES)
        hand_over(crew);
    return !ferror(stdout);
}

void crew_finish(struct crew *crew)
{
    if (crew->filled)
        hand_over(crew);
    (void)pthread_mutex_lock(&crew->output);
    while (crew->written != crew->made)
        (void)pthread_cond_wait(&crew->turn, &crew->output);
    (void)pthread_mutex_unlock(&crew->output);
}

void crew_free(struct crew *crew)
{
    size_t i;

    (void)pthread_mutex_lock(&crew->lock);
    crew->ended = true;
    (void)pthread_cond_broadcast(&crew->waits);
    (void)pthread_mutex_unlock(&crew->lock);
    for (i = 0; i < crew->started; i++)
        (void)pthread_join(crew->hands[i].thread, NULL);
    for (i = 0; crew->batches && i < crew_batches(crew->work.count); i++)
        free(crew->batches[i].text);
    free(crew->batches);
    free(crew->hands);
    free(crew);
}
