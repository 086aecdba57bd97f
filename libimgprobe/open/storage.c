/* SPDX-License-Identifier: MIT */
/* Tells files on storage from those that a kernel makes up, of which some act when they are opened or read. */
#include "open/open.h"

#include <errno.h>
#include <sys/vfs.h>

/* The number of procfs is apart, since its names mean another file to each process. */
#define PROCFS 0x9fa0

/* File systems by f_type of statfs(2), as linux/magic.h and the kernel's sources have them. What keeps files in
 * memory for their owner (tmpfs, ramfs, hugetlbfs) isn't among them, nor is autofs, on which other file systems are
 * mounted.
 */
static const uint32_t made_up[] = {
    0x62656572, /* sysfs */
    0x74726163, /* tracefs */
    0x64626720, /* debugfs */
    0x73636673, /* securityfs */
    0x62656570, /* configfs */
    0xde5e81e4, /* efivarfs */
    0xcafe4a11, /* bpf */
    0x0027e0eb, /* cgroup */
    0x63677270, /* cgroup2 */
    0x07655821, /* resctrl */
    0x00001cd1, /* devpts */
    0x19800202, /* mqueue */
    0x65735543, /* fusectl */
    0x42494e4d, /* binfmt_misc */
    0x6165676c, /* pstore */
    0xf97cff8c, /* selinuxfs */
    0x43415d53, /* smackfs */
    0x5a3c69f0, /* apparmorfs */
    0x67596969, /* rpc_pipefs */
    0x6e667364, /* nfsd */
    0x6c6f6f70, /* binder */
    0x0a647361, /* functionfs */
    0xaee71ee7, /* gadgetfs */
    0x23c9b64e, /* spufs */
    0x00009fa2, /* usbfs */
    0x00009fa1, /* openpromfs */
    0x6f70726f, /* oprofilefs */
    0xabba1974, /* xenfs */
    0x6e736673, /* nsfs */
    0x50494446, /* pidfs */
    0x50495045, /* pipefs */
    0x534f434b, /* sockfs */
    0x09041934, /* anon_inodefs */
    0x444d4142, /* dmabuf */
    0x454d444d, /* devmem */
    0x5345434d, /* secretmem */
    0x474d454d, /* guest_memfd */
};

/* The major number of a device, which is 0 where the kernel made the number up. It is spelt out, because
 * sys/sysmacros.h makes a function of it in some libraries. */
static bool has_major(uint64_t device)
{
    return (device & UINT64_C(0xfffff000000fff00)) != 0;
}

enum imgprobe_status ip_open_storage(int fd, dev_t device, dev_t *known, struct imgprobe_error *error)
{
    struct statfs system;
    size_t i;

    if (has_major((uint64_t)device) || (device != 0 && device == *known))
        return IMGPROBE_OK;
    if (fstatfs(fd, &system) != 0)
        return ip_open_errno(error, errno);
    if ((uint32_t)system.f_type == PROCFS)
        return ip_open_process_name(error);
    for (i = 0; i < IP_COUNT(made_up); i++)
        if ((uint32_t)system.f_type == made_up[i])
            return ip_error(error, IMGPROBE_SYSTEM, NULL, "is on a file system of the kernel's own and no storage");
    *known = device;
    return IMGPROBE_OK;
}

enum imgprobe_status imgprobe_storage(int fd, struct imgprobe_error *error)
{
    struct imgprobe_error unwanted = {0};
    struct stat st;
    dev_t known = 0;

    if (!error)
        error = &unwanted;
    if (fstat(fd, &st) != 0)
        return ip_open_errno(error, errno);
    return ip_open_storage(fd, st.st_dev, &known, error);
}
