/* SPDX-License-Identifier: MIT */
/* Which formats a build decodes: -Dformats (meson) says 0 for what it leaves out, which is still recognised. Raw
 * can't be left out: it is what remains. */
#ifndef IP_COMPILED_H
#define IP_COMPILED_H

#ifndef IP_WITH_qcow2
#define IP_WITH_qcow2 1
#endif
#ifndef IP_WITH_vmdk
#define IP_WITH_vmdk 1
#endif
#ifndef IP_WITH_vhd
#define IP_WITH_vhd 1
#endif
#ifndef IP_WITH_vhdx
#define IP_WITH_vhdx 1
#endif
#ifndef IP_WITH_vdi
#define IP_WITH_vdi 1
#endif
#ifndef IP_WITH_qed
#define IP_WITH_qed 1
#endif
#ifndef IP_WITH_qcow
#define IP_WITH_qcow 1
#endif
#ifndef IP_WITH_luks
#define IP_WITH_luks 1
#endif
#ifndef IP_WITH_parallels
#define IP_WITH_parallels 1
#endif
#ifndef IP_WITH_bochs
#define IP_WITH_bochs 1
#endif
#ifndef IP_WITH_cloop
#define IP_WITH_cloop 1
#endif
#ifndef IP_WITH_dmg
#define IP_WITH_dmg 1
#endif
#define IP_WITH_raw 1

#define IP_COMPILED(name) IP_WITH_##name

#endif
