/* SPDX-License-Identifier: MIT */
/* The one list of formats, in the order of the registry. The last is what remains when nothing matches. meson reads
 * the list, too: NAME stands for NAME.c or the folder NAME. -Dformats may leave a format out, which is then
 * recognised and refused. */
#ifndef IP_LIST_H
#define IP_LIST_H

#define IP_FORMATS(X)                                                                                                \
    X(qcow2)                                                                                                         \
    X(vmdk)                                                                                                          \
    X(vhd)                                                                                                           \
    X(vhdx)                                                                                                          \
    X(vdi)                                                                                                           \
    X(qed)                                                                                                           \
    X(qcow)                                                                                                          \
    X(luks)                                                                                                          \
    X(parallels)                                                                                                     \
    X(bochs)                                                                                                         \
    X(cloop)                                                                                                         \
    X(dmg)                                                                                                           \
    X(composite)                                                                                                     \
    X(cow)                                                                                                           \
    X(saved)                                                                                                         \
    X(diskdescriptor)                                                                                                \
    X(ovf)                                                                                                           \
    X(vbox)                                                                                                          \
    X(pvs)                                                                                                           \
    X(raw)

/* What is left out is defined, as nothing: -DIP_WITHOUT_NAME= */
#define IP_QUOTED(...) #__VA_ARGS__
#define IP_EXPANDED(...) IP_QUOTED(__VA_ARGS__)
#define IP_COMPILED(name) (sizeof(IP_EXPANDED(IP_WITHOUT_##name)) > sizeof "")

#endif
