/* SPDX-License-Identifier: MIT */
/* Workspaces with red zones at both ends; with the address sanitizer the zones can't even be read. */
#include "harness.h"

#include <stdlib.h>
#include <string.h>

#define ZONE 512
#define ZONE_BYTE 0xa5

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif

#ifdef SANITIZED
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(at, size) ((void)(at), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(at, size) ((void)(at), (void)(size))
#endif

static _Alignas(max_align_t) unsigned char usual[ZONE + ROOM_USUAL + ZONE];

/* A workspace of the usual size is used again and again, with what the last answer left in it. Any other is new. */
void room_open(struct room *room, size_t size)
{
    room->own = size != ROOM_USUAL;
    room->block = room->own ? malloc(ZONE + size + ZONE) : usual;
    if (!room->block)
        abort();
    memset(room->block, ZONE_BYTE, ZONE);
    memset(room->block + ZONE + size, ZONE_BYTE, ZONE);
    ASAN_POISON_MEMORY_REGION(room->block, ZONE);
    ASAN_POISON_MEMORY_REGION(room->block + ZONE + size, ZONE);
    room->w = (struct imgprobe_workspace){.struct_size = sizeof room->w, .memory = room->block + ZONE, .size = size};
}

static void unpoison(const struct room *room)
{
    ASAN_UNPOISON_MEMORY_REGION(room->block, ZONE);
    ASAN_UNPOISON_MEMORY_REGION(room->block + ZONE + room->w.size, ZONE);
}

static bool untouched(const unsigned char *zone)
{
    return zone[0] == ZONE_BYTE && memcmp(zone, zone + 1, ZONE - 1) == 0;
}

/* A call that was refused never began to use the workspace, so anything may stand there. */
void room_check(const struct room *room)
{
    const struct imgprobe_workspace *w = &room->w;
    size_t results = w->most == 0 ? 0 : ip_state(w)->results, low = w->size - w->most;

    PROMISE(w->memory == room->block + ZONE && w->most <= w->size && results <= w->most,
            "the workspace's own numbers hold");
    if (low < results)
        low = results;
    memset(room->block + ZONE + results, ZONE_BYTE, w->most - results);
    memset(room->block + ZONE + low, ZONE_BYTE, w->size - low);
    unpoison(room);
    PROMISE(untouched(room->block) && untouched(room->block + ZONE + w->size),
            "nothing outside of the workspace is written");
    ASAN_POISON_MEMORY_REGION(room->block, ZONE);
    ASAN_POISON_MEMORY_REGION(room->block + ZONE + w->size, ZONE);
}

void room_close(struct room *room)
{
    unpoison(room);
    if (room->own)
        free(room->block);
}
