/* SPDX-License-Identifier: MIT */
/*
 * What a name that begins with a protocol says: a row for each thing that a name can say, and for each way to say it
 * wrong. What the reader takes and refuses was asked of QEMU 7.2 and its libraries; the drivers of
 * libblkio weren't in it and follow their sources.
 */
#include "protocol-text.h"

struct protocol_case {
    const char *name;
    const char *text; /* the reference's name */
    const char *want; /* all that is known of it, in the words of say() */
};

/* clang-format off */
#define A10 "aaaaaaaaaa"
#define A50 A10 A10 A10 A10 A10
#define A100 A50 A50

static const struct protocol_case cases[] = {
    /* nbd with colons */
    {"nbd, host and port", "nbd:example.org:6000", "remote nbd host=example.org port=6000"},
    {"nbd, an export", "nbd:h:1:exportname=a b", "remote nbd host=h port=1 path=a b"},
    {"nbd, an export with everything in it", "nbd:h:1:exportname=a:b/c:exportname=d", "remote nbd host=h port=1 path=a:b/c:exportname=d"},
    {"nbd, no escapes in an export", "nbd:h:1:exportname=a%20b", "remote nbd host=h port=1 path=a%20b"},
    {"nbd, an export without a name", "nbd:h:1:exportname=", "malformed remote nbd host=h port=1"},
    {"nbd, a service's name for a port", "nbd:h:nbd", "remote nbd host=h port=nbd"},
    {"nbd, zeros before a port", "nbd:h:00080", "remote nbd host=h port=80"},
    {"nbd, the last port", "nbd:h:65535", "remote nbd host=h port=65535"},
    {"nbd, a port that the C library would wrap", "nbd:h:65536", "malformed remote nbd host=h port=65536"},
    {"nbd, a port of thirty digits", "nbd:h:100000000000000000000000000001", "malformed remote nbd host=h port=100000000000000000000000000001"},
    {"nbd, 32 letters of a port count", "nbd:h:00000000000000000000000000000001999", "remote nbd host=h port=1"},
    {"nbd, no port", "nbd:h", "malformed remote nbd"},
    {"nbd, an empty port", "nbd:h:", "malformed remote nbd host=h"},
    {"nbd, more behind the port", "nbd:h:1:2", "malformed remote nbd host=h port=1:2"},
    {"nbd, no host", "nbd::1", "malformed remote nbd port=1"},
    {"nbd, IPv6", "nbd:[::1]:6000:exportname=a", "remote nbd host=::1 port=6000 path=a"},
    {"nbd, IPv6 with a zone", "nbd:[fe80::1%eth0]:1", "remote nbd host=fe80::1%eth0 port=1"},
    {"nbd, IPv6 without brackets", "nbd:::1:1", "malformed remote nbd port=:1:1"},
    {"nbd, IPv6 without a port", "nbd:[::1]", "malformed remote nbd"},
    {"nbd, IPv6 that doesn't end", "nbd:[::1:1", "malformed remote nbd"},
    {"nbd, empty brackets", "nbd:[]:1", "malformed remote nbd port=1"},
    {"nbd, a host of 64 letters", "nbd:" A50 A10 "aaaa:1", "remote nbd host=" A50 A10 "aaaa port=1"},
    {"nbd, a host of 65 letters", "nbd:" A50 A10 "aaaaa:1", "malformed remote nbd"},
    {"nbd, options of the address", "nbd:h:1,ipv4=on,ipv6=off,keep-alive,to=9", "remote nbd host=h port=1"},
    {"nbd, an option that it doesn't know", "nbd:h:1,junk", "remote nbd host=h port=1"},
    {"nbd, an option neither on nor off", "nbd:h:1,ipv4=x", "malformed remote nbd host=h port=1"},
    {"nbd, an option and two commas", "nbd:h:1,ipv6,,x", "malformed remote nbd host=h port=1"},
    {"nbd, to= without a number", "nbd:h:1,to=x", "malformed remote nbd host=h port=1"},
    {"nbd, nothing", "nbd:", "malformed remote nbd"},
    {"nbd, an export and nothing else", "nbd:exportname=a", "malformed remote nbd path=a"},
    {"nbd, an export of no server", "nbd::exportname=a", "malformed remote nbd path=a"},
    {"nbd, a socket", "nbd:unix:/run/s", "special nbd by unix socket=/run/s at /run/s opens socket /run/s"},
    {"nbd, a socket and an export", "nbd:unix:/run/s:exportname=a", "special nbd by unix socket=/run/s path=a at /run/s opens socket /run/s"},
    {"nbd, a socket with a relative name", "nbd:unix:s", "special nbd by unix socket=s at s opens socket s"},
    {"nbd, a socket with colons", "nbd:unix:/a:b", "special nbd by unix socket=/a:b at /a:b opens socket /a:b"},
    {"nbd, a socket without a name", "nbd:unix:", "malformed special nbd by unix socket="},
    {"nbd, a socket's longest name", "nbd:unix:/" A100 "1234567", "special nbd by unix socket=/" A100 "1234567 at /" A100 "1234567 opens socket /" A100 "1234567"},
    {"nbd, a longer name than a socket has", "nbd:unix:/" A100 "12345678", "malformed special nbd by unix socket=/" A100 "12345678 at /" A100 "12345678 opens socket /" A100 "12345678"},
    {"nbd, control bytes", "nbd:unix:/\x01\n\xff", "special nbd by unix socket=/\x01\n\xff at /\x01\n\xff opens socket /\x01\n\xff"},
    {"nbd, unix without its colon", "nbd:unix", "malformed remote nbd"},
    {"nbd, :// anywhere makes it a URI", "nbd:h:1:exportname=a://b", "malformed remote nbd path=h:1:exportname=a://b"},
    {"nbd+tcp, with colons", "nbd+tcp:h:1", "malformed remote nbd by tcp"},
    {"nbd+unix, without //", "nbd+unix:/e?socket=/s", "malformed special nbd by unix"},
    /* nbd as a URI */
    {"nbd URI", "nbd://example.org:6000/export", "remote nbd host=example.org port=6000 path=export"},
    {"nbd URI, no export", "nbd://h", "remote nbd host=h"},
    {"nbd URI, an export without a name", "nbd://h/", "remote nbd host=h"},
    {"nbd URI, a slash of the export's own", "nbd://h//e/f", "remote nbd host=h path=/e/f"},
    {"nbd URI, escapes", "nbd://h%2eorg/a%20b%2Fc", "remote nbd host=h.org path=a b/c"},
    {"nbd URI, an escape that is a NUL", "nbd://h/a%00b", "remote nbd host=h path=a"},
    {"nbd URI, an escape that is none", "nbd://h/a%zz", "malformed remote nbd"},
    {"nbd URI, an escape that is cut", "nbd://h/a%2", "malformed remote nbd"},
    {"nbd URI, a space", "nbd://h/a b", "malformed remote nbd"},
    {"nbd URI, a control byte", "nbd://h/a\x01", "malformed remote nbd"},
    {"nbd URI, a byte over 127", "nbd://h/\xc3\xa4", "malformed remote nbd"},
    {"nbd URI, every letter that may stand there", "nbd://h/-._~!$&'()*+,;=:@", "remote nbd host=h path=-._~!$&'()*+,;=:@"},
    {"nbd URI, IPv6", "nbd://[::1]:1/e", "remote nbd host=::1 port=1 path=e"},
    {"nbd URI, IPv6 that doesn't end", "nbd://[::1/e", "malformed remote nbd"},
    {"nbd URI, brackets by escapes", "nbd://%5b%3a%3a1%5D/e", "remote nbd host=::1 path=e"},
    {"nbd URI, one bracket by an escape", "nbd://%5bhost/e", "malformed remote nbd host=[host path=e"},
    {"nbd URI, no host", "nbd:///e", "malformed remote nbd path=e"},
    {"nbd URI, nothing", "nbd://", "malformed remote nbd"},
    {"nbd URI, no host but a port", "nbd://:1/e", "malformed remote nbd port=1 path=e"},
    {"nbd URI, an empty port", "nbd://h:/e", "malformed remote nbd"},
    {"nbd URI, a port of 0 is none", "nbd://h:0/e", "remote nbd host=h path=e"},
    {"nbd URI, zeros before a port", "nbd://h:0001/e", "remote nbd host=h port=1 path=e"},
    {"nbd URI, the last port", "nbd://h:65535/e", "remote nbd host=h port=65535 path=e"},
    {"nbd URI, a port over the last", "nbd://h:65536/e", "malformed remote nbd"},
    {"nbd URI, a port of letters", "nbd://h:nbd/e", "malformed remote nbd"},
    {"nbd URI, a query", "nbd://h/e?x=1", "malformed remote nbd host=h path=e query=x=1"},
    {"nbd URI, an empty query", "nbd://h/e?", "remote nbd host=h path=e query="},
    {"nbd URI, a query of nothing", "nbd://h/e?&&", "remote nbd host=h path=e query=&&"},
    {"nbd URI, a value without a name", "nbd://h/e?=v", "remote nbd host=h path=e query==v"},
    {"nbd URI, = alone is a name", "nbd://h/e?=", "malformed remote nbd host=h path=e query=="},
    {"nbd URI, a fragment", "nbd://h/e#f", "remote nbd host=h path=e"},
    {"nbd URI, two fragments", "nbd://h/e#f#g", "malformed remote nbd"},
    {"nbd URI, a user and a password that it doesn't use", "nbd://u:SECRET@h/e", "remote nbd host=h path=e password shown nbd://u:***@h/e"},
    {"nbd URI, a password with an @", "nbd://u:SEC@RET@h/e", "malformed remote nbd password shown nbd://u:***@h/e"},
    {"nbd URI, a password with a slash", "nbd://u:SEC/RET@h/e", "malformed remote nbd password shown nbd://u:***@h/e"},
    {"nbd URI, an empty password", "nbd://u:@h/e", "remote nbd host=h path=e"},
    {"nbd+tcp URI", "nbd+tcp://h:1/e", "remote nbd by tcp host=h port=1 path=e"},
    {"nbd+unix URI", "nbd+unix:///e?socket=/s", "special nbd by unix socket=/s path=e query=socket=/s at /s opens socket /s"},
    {"nbd+unix URI, no export", "nbd+unix://?socket=/s", "special nbd by unix socket=/s query=socket=/s at /s opens socket /s"},
    {"nbd+unix URI, escapes", "nbd+unix:///e?s%6fcket=/a%20b", "special nbd by unix socket=/a b path=e query=s%6fcket=/a%20b at /a b opens socket /a b"},
    {"nbd+unix URI, no socket", "nbd+unix:///e", "malformed special nbd by unix path=e"},
    {"nbd+unix URI, no value", "nbd+unix:///e?socket", "malformed special nbd by unix path=e query=socket"},
    {"nbd+unix URI, a socket without a name", "nbd+unix:///e?socket=", "malformed special nbd by unix socket= path=e query=socket="},
    {"nbd+unix URI, another key", "nbd+unix:///e?sock=/s", "malformed special nbd by unix path=e query=sock=/s"},
    {"nbd+unix URI, a longer key", "nbd+unix:///e?sockets=/s", "malformed special nbd by unix path=e query=sockets=/s"},
    {"nbd+unix URI, a second key", "nbd+unix:///e?socket=/s&a=b", "malformed special nbd by unix path=e query=socket=/s&a=b"},
    {"nbd+unix URI, a second key behind ;", "nbd+unix:///e?socket=/s;a=b", "malformed special nbd by unix path=e query=socket=/s;a=b"},
    {"nbd+unix URI, ; is a letter before &", "nbd+unix:///e?socket=/s;a=b&", "special nbd by unix socket=/s;a=b path=e query=socket=/s;a=b& at /s;a=b opens socket /s;a=b"},
    {"nbd+unix URI, a host", "nbd+unix://h/e?socket=/s", "malformed special nbd by unix host=h socket=/s path=e query=socket=/s at /s opens socket /s"},
    {"nbd+unix, one slash and :// in its query", "nbd+unix:/e?socket=http://x", "special nbd by unix socket=http://x path=e query=socket=http://x at http://x opens socket http://x"},
    /* gluster */
    {"gluster", "gluster://h:24007/vol/dir/img", "remote gluster host=h port=24007 path=vol/dir/img"},
    {"gluster+tcp", "gluster+tcp://h/vol/img", "remote gluster by tcp host=h path=vol/img"},
    {"gluster+rdma", "gluster+rdma://h/vol/img", "remote gluster by rdma host=h path=vol/img"},
    {"gluster, no host", "gluster:///vol/img", "remote gluster host=localhost path=vol/img"},
    {"gluster, no slashes", "gluster:vol/img", "remote gluster host=localhost path=vol/img"},
    {"gluster, more slashes", "gluster://h//vol///img//x", "remote gluster host=h path=vol/img//x"},
    {"gluster, escapes", "gluster://h/v%6fl/i%2fmg", "remote gluster host=h path=vol/i/mg"},
    {"gluster, no file", "gluster://h/vol", "malformed remote gluster host=h"},
    {"gluster, an empty file", "gluster://h/vol/", "malformed remote gluster host=h"},
    {"gluster, no volume", "gluster://h", "malformed remote gluster host=h"},
    {"gluster, a query", "gluster://h/vol/img?x=1", "malformed remote gluster host=h path=vol/img query=x=1"},
    {"gluster+unix", "gluster+unix:///vol/img?socket=/s", "special gluster by unix socket=/s path=vol/img query=socket=/s at /s opens socket /s"},
    {"gluster+unix, no socket", "gluster+unix:///vol/img", "malformed special gluster by unix path=vol/img"},
    /* http, https, ftp, ftps */
    {"http", "http://h/a/b?c=d#e", "remote http host=h path=/a/b query=c=d"},
    {"https", "https://h:8443/a", "remote https host=h port=8443 path=/a"},
    {"ftp", "ftp://h/a;type=i", "remote ftp host=h path=/a;type=i"},
    {"ftps", "ftps://h/a", "remote ftps host=h path=/a"},
    {"http, escapes stay", "http://h/a%20b%2f?c%20d", "remote http host=h path=/a%20b%2f query=c%20d"},
    {"http, escapes of a host don't", "http://h%2eorg/a", "remote http host=h.org path=/a"},
    {"http, no path", "http://h", "remote http host=h"},
    {"http, a query without a path", "http://h?a=b", "remote http host=h query=a=b"},
    {"http, an empty port", "http://h:/a", "remote http host=h path=/a"},
    {"http, a port of 0", "http://h:0/a", "remote http host=h port=0 path=/a"},
    {"http, a port over the last", "http://h:65536/a", "malformed remote http"},
    {"http, a port that isn't a number", "http://h:1x/a", "malformed remote http"},
    {"http, IPv6", "http://[::1]:80/a", "remote http host=::1 port=80 path=/a"},
    {"http, IPv6 without a port", "http://[::1]/a", "remote http host=::1 path=/a"},
    {"http, IPv6 that doesn't end", "http://[::1/a", "malformed remote http"},
    {"http, more behind the brackets", "http://[::1]a/a", "malformed remote http"},
    {"http, empty brackets", "http://[]/a", "malformed remote http"},
    {"http, a third slash is passed over", "http:///h/a", "remote http host=h path=/a"},
    {"http, four slashes", "http:////h/a", "malformed remote http"},
    {"http, one slash", "http:/h/a", "malformed remote http"},
    {"http, no slash", "http:h/a", "malformed remote http"},
    {"http, no host", "http:///", "malformed remote http"},
    {"http, nothing", "http:", "malformed remote http"},
    {"http, a space", "http://h/a b", "malformed remote http"},
    {"http, a control byte", "http://h/a\n", "malformed remote http"},
    {"http, bytes over 127", "http://h/\xc3\xa4", "remote http host=h path=/\xc3\xa4"},
    {"http, a host with other letters", "http://h<x/a", "malformed remote http"},
    {"http, a host with a slash by an escape", "http://h%2fx/a", "malformed remote http"},
    {"http, a user", "http://u%40x@h/a", "remote http host=h path=/a user=u@x"},
    {"http, a user and a password", "http://u:SECRET@h:1/a", "remote http host=h port=1 path=/a user=u password shown http://u:***@h:1/a"},
    {"http, a password alone", "http://:SECRET@h/a", "remote http host=h path=/a password shown http://:***@h/a"},
    {"http, a password with a colon", "http://u:SEC:RET@h/a", "remote http host=h path=/a user=u password shown http://u:***@h/a"},
    {"http, a password with an @", "http://u:SEC@RET@h/a", "malformed remote http password shown http://u:***@h/a"},
    {"http, a password with a slash", "http://u:SEC/RET@h/a", "malformed remote http password shown http://u:***@h/a"},
    {"http, an @ in the path is none of a user's", "http://h:1/a@b", "remote http host=h port=1 path=/a@b"},
    /* ssh */
    {"ssh", "ssh://u@h:2222/a/b", "remote ssh host=h port=2222 path=/a/b user=u"},
    {"ssh, escapes", "ssh://a%40b@h/a%20b", "remote ssh host=h path=/a b user=a@b"},
    {"ssh, IPv6", "ssh://[::1]/a", "remote ssh host=::1 path=/a"},
    {"ssh, a password", "ssh://u:SECRET@h/a", "remote ssh host=h path=/a user=u password shown ssh://u:***@h/a"},
    {"ssh, no user before its @", "ssh://@h/a", "remote ssh host=h path=/a"},
    {"ssh, a host's key", "ssh://h/a?host_key_check=no", "remote ssh host=h path=/a query=host_key_check=no"},
    {"ssh, a host's key by a digest", "ssh://h/a?host_key_check=sha256:ab:cd", "remote ssh host=h path=/a query=host_key_check=sha256:ab:cd"},
    {"ssh, another host's key", "ssh://h/a?host_key_check=maybe", "malformed remote ssh host=h path=/a query=host_key_check=maybe"},
    {"ssh, a host's key without a value", "ssh://h/a?host_key_check", "malformed remote ssh host=h path=/a query=host_key_check"},
    {"ssh, the last host's key counts", "ssh://h/a?host_key_check=x&host_key_check=no", "remote ssh host=h path=/a query=host_key_check=x&host_key_check=no"},
    {"ssh, an unknown key is passed over", "ssh://h/a?x=1", "remote ssh host=h path=/a query=x=1"},
    {"ssh, no path", "ssh://h", "malformed remote ssh host=h"},
    {"ssh, no host", "ssh:///a", "malformed remote ssh path=/a"},
    {"ssh, one slash", "ssh:/a", "malformed remote ssh path=/a"},
    {"ssh, as scp has it", "ssh:u:SECRET@h/a", "malformed remote ssh password shown ssh:u:***@h/a"},
    /* iscsi, iser */
    {"iscsi", "iscsi://h:3260/iqn.2001-04.com.example:t/1", "remote iscsi host=h port=3260 path=iqn.2001-04.com.example:t/1"},
    {"iscsi, no port", "iscsi://h/t/0", "remote iscsi host=h path=t/0"},
    {"iscsi, IPv6", "iscsi://[::1]:3260/t/0", "remote iscsi host=::1 port=3260 path=t/0"},
    {"iscsi, escapes in the target alone", "iscsi://h%41/t%41/0", "remote iscsi host=h%41 path=tA/0"},
    {"iscsi, a password behind %", "iscsi://u%SECRET@h/t/0", "remote iscsi host=h path=t/0 user=u password shown iscsi://u%***@h/t/0"},
    {"iscsi, a password behind a colon", "iscsi://u:SECRET@h/t/0", "remote iscsi host=h path=t/0 user=u password shown iscsi://u:***@h/t/0"},
    {"iscsi, a user alone logs nobody in", "iscsi://u@h/t/0", "remote iscsi host=h path=t/0"},
    {"iscsi, a password with an @", "iscsi://u%SEC@RET@h/t/0", "malformed remote iscsi path=t/0 user=u password shown iscsi://u%***@h/t/0"},
    {"iscsi, an @ in the target ends a login", "iscsi://h/a@b/t/0", "remote iscsi host=b path=t/0"},
    {"iscsi, a query", "iscsi://h/t/0?header_digest=crc32c&x", "remote iscsi host=h path=t/0 query=header_digest=crc32c&x"},
    {"iscsi, iser in its query", "iscsi://h/t/0?iser", "remote iscsi by iser host=h path=t/0 query=iser"},
    {"iscsi, the target's password", "iscsi://h/t/0?target_user=a&target_password=SECRET&x=1", "remote iscsi host=h path=t/0 password shown iscsi://h/t/0?target_user=a&target_password=***&x=1"},
    {"iscsi, both passwords", "iscsi://u%SECRET@h/t/0?target_password=SECRET", "remote iscsi host=h path=t/0 user=u password shown iscsi://u%***"},
    {"iscsi, another digest", "iscsi://h/t/0?header_digest=x", "malformed remote iscsi host=h path=t/0 query=header_digest=x"},
    {"iscsi, a digest without a value", "iscsi://h/t/0?header_digest", "malformed remote iscsi host=h path=t/0 query=header_digest"},
    {"iscsi, no unit", "iscsi://h/t", "malformed remote iscsi host=h"},
    {"iscsi, an empty unit", "iscsi://h/t/", "malformed remote iscsi host=h"},
    {"iscsi, a unit that isn't a number", "iscsi://h/t/x", "malformed remote iscsi host=h"},
    {"iscsi, an empty target", "iscsi://h//0", "malformed remote iscsi host=h"},
    {"iscsi, no target", "iscsi://h", "malformed remote iscsi host=h"},
    {"iscsi, no host", "iscsi:///t/0", "malformed remote iscsi path=t/0"},
    {"iscsi, no slashes", "iscsi:h/t/0", "malformed remote iscsi"},
    {"iscsi, 255 letters", "iscsi://h/" A100 A100 A50 "a/0", "remote iscsi host=h path=" A100 A100 A50 "a/0"},
    {"iscsi, 256 letters", "iscsi://h/" A100 A100 A50 "aa/0", "malformed remote iscsi"},
    {"iser", "iser://h/t/0", "remote iscsi by iser host=h path=t/0"},
    /* rbd */
    {"rbd", "rbd:pool/image", "remote rbd path=pool/image"},
    {"rbd, a snapshot", "rbd:pool/image@snap", "remote rbd path=pool/image@snap"},
    {"rbd, a namespace", "rbd:pool/ns/image@snap", "remote rbd path=pool/ns/image@snap"},
    {"rbd, escapes", "rbd:po\\/ol/im\\@a\\:ge@sn\\:ap", "remote rbd path=po/ol/im@a:ge@sn:ap"},
    {"rbd, a backslash at the end is a letter", "rbd:pool/image\\", "remote rbd path=pool/image\\"},
    {"rbd, a user", "rbd:pool/image:id=admin", "remote rbd path=pool/image user=admin"},
    {"rbd, a user and a key", "rbd:pool/image:id=admin:key=SECRET==", "remote rbd path=pool/image user=admin password shown rbd:pool/image:id=admin:key=***"},
    {"rbd, a key before others", "rbd:pool/image:key=SECRET:id=admin", "remote rbd path=pool/image user=admin password shown rbd:pool/image:key=***:id=admin"},
    {"rbd, a key with an escape", "rbd:pool/image:key=SEC\\:RET:id=a", "remote rbd path=pool/image user=a password shown rbd:pool/image:key=***:id=a"},
    {"rbd, a key's name with an escape", "rbd:pool/image:k\\ey=SECRET", "remote rbd path=pool/image password shown rbd:pool/image:k\\ey=***"},
    {"rbd, two keys", "rbd:pool/image:key=SECRET:id=a:key=SECRET", "remote rbd path=pool/image user=a password shown rbd:pool/image:key=***"},
    {"rbd, an empty key", "rbd:pool/image:key=", "remote rbd path=pool/image"},
    {"rbd, a monitor", "rbd:p/i:mon_host=example.org\\:6789", "remote rbd host=example.org port=6789 path=p/i"},
    {"rbd, monitors", "rbd:p/i:mon_host=a\\:1\\;b\\:2\\;c:id=u", "remote rbd host=a port=1 host=b port=2 host=c path=p/i user=u"},
    {"rbd, monitors behind commas and spaces", "rbd:p/i:mon_host=a, b,;c", "remote rbd host=a host=b host=c path=p/i"},
    {"rbd, monitors, IPv6", "rbd:p/i:mon_host=[\\:\\:1]\\:6322\\;[\\:\\:2]", "remote rbd host=::1 port=6322 host=::2 path=p/i"},
    {"rbd, monitors, IPv6 without brackets", "rbd:p/i:mon_host=fe80\\:\\:1", "remote rbd host=fe80::1 path=p/i"},
    {"rbd, monitors of two versions", "rbd:p/i:mon_host=[v2\\:1.2.3.4\\:3300/0,v1\\:1.2.3.4\\:6789/0]", "remote rbd host=1.2.3.4 port=3300 host=1.2.3.4 port=6789 path=p/i"},
    {"rbd, monitors twice: the last ones count", "rbd:p/i:mon_host=a,b:mon_host=c", "remote rbd host=c path=p/i"},
    {"rbd, monitors, a space in the key", "rbd:p/i:mon host=a", "remote rbd host=a path=p/i"},
    {"rbd, no monitors", "rbd:p/i:mon_host=", "remote rbd path=p/i"},
    {"rbd, a configuration", "rbd:p/i:conf=/etc/ceph/c.conf", "remote rbd path=p/i opens file /etc/ceph/c.conf"},
    {"rbd, a configuration with a relative name and an escape", "rbd:p/i:conf=a\\:b", "remote rbd path=p/i opens file a:b"},
    {"rbd, files with keys", "rbd:p/i:keyring=/a,/b:keyfile=/c", "remote rbd path=p/i opens file /a opens file /b opens file /c"},
    {"rbd, an option that isn't looked at", "rbd:p/i:auth_supported=none", "remote rbd path=p/i"},
    {"rbd, no pool", "rbd:image", "malformed remote rbd"},
    {"rbd, nothing", "rbd:", "malformed remote rbd"},
    {"rbd, an option without a value", "rbd:p/i:id", "malformed remote rbd path=p/i"},
    {"rbd, a colon at the end", "rbd:p/i:", "malformed remote rbd path=p/i"},
    {"rbd, a slash after all options is the pool's end", "rbd:p:conf=/a", "remote rbd path=p:conf=/a"},
    {"rbd, an @ after all options is the image's end", "rbd:p/i:id=a@b", "remote rbd path=p/i:id=a@b"},
    {"rbd, an @ behind a key", "rbd:p/i:key=SECRET:id=a@b", "remote rbd password shown rbd:p/i:key=***:id=a@b"},
    {"rbd, a slash behind a key", "rbd:p:key=SECRET:conf=/a", "remote rbd password shown rbd:p:key=***:conf=/a"},
    {"rbd, = of the next option", "rbd:p/i:x:id=a", "remote rbd path=p/i"},
    {"rbd, = of the next option, a key's", "rbd:p/i:x:key=SECRET", "remote rbd path=p/i password shown rbd:p/i:x:key=***"},
    {"rbd, as a URI", "rbd://p/i", "remote rbd path=//p/i"},
    /* nfs */
    {"nfs", "nfs://h/a/b", "remote nfs host=h path=/a/b"},
    {"nfs, a port isn't read", "nfs://h:2049/a", "remote nfs host=h path=/a"},
    {"nfs, options", "nfs://h/a?uid=0x10&gid=010&tcp-syncnt=1&readahead=1&pagecache=1&debug=%20+1", "remote nfs host=h path=/a query=uid=0x10&gid=010&tcp-syncnt=1&readahead=1&pagecache=1&debug=%20+1"},
    {"nfs, an unknown option", "nfs://h/a?foo=1", "malformed remote nfs host=h path=/a query=foo=1"},
    {"nfs, an option without a value", "nfs://h/a?uid", "malformed remote nfs host=h path=/a query=uid"},
    {"nfs, an empty value", "nfs://h/a?uid=", "malformed remote nfs host=h path=/a query=uid="},
    {"nfs, a negative value", "nfs://h/a?uid=-1", "malformed remote nfs host=h path=/a query=uid=-1"},
    {"nfs, an octal value with an 8", "nfs://h/a?uid=08", "malformed remote nfs host=h path=/a query=uid=08"},
    {"nfs, the greatest value", "nfs://h/a?uid=9223372036854775807", "remote nfs host=h path=/a query=uid=9223372036854775807"},
    {"nfs, a greater value", "nfs://h/a?uid=9223372036854775808", "malformed remote nfs host=h path=/a query=uid=9223372036854775808"},
    {"nfs, no path", "nfs://h", "malformed remote nfs host=h"},
    {"nfs, no host", "nfs:///a", "malformed remote nfs path=/a"},
    /* this host's devices, directories and drivers */
    {"host_device", "host_device:/dev/sda", "special host_device path=/dev/sda at /dev/sda opens block /dev/sda"},
    {"host_device, a relative name with a colon", "host_device:a:b", "special host_device path=a:b at a:b opens block a:b"},
    {"host_device, nothing", "host_device:", "malformed special host_device"},
    {"host_cdrom", "host_cdrom:/dev/sr0", "special host_cdrom path=/dev/sr0 at /dev/sr0 opens block /dev/sr0"},
    {"fat", "fat:/d", "special vvfat path=/d at /d opens directory /d"},
    {"fat, options", "fat:floppy:12:rw:/d", "special vvfat path=/d query=floppy:12:rw at /d opens directory /d"},
    {"fat, any words are options", "fat:foo::/d", "special vvfat path=/d query=foo: at /d opens directory /d"},
    {"fat, a relative directory", "fat:d", "special vvfat path=d at d opens directory d"},
    {"fat, a drive's letter", "fat:rw:c:\\d", "special vvfat path=c:\\d query=rw at c:\\d opens directory c:\\d"},
    {"fat, a drive's letter alone", "fat:c:d", "special vvfat path=c:d at c:d opens directory c:d"},
    {"fat, a digit isn't a drive's letter", "fat:1:d", "special vvfat path=d query=1 at d opens directory d"},
    {"fat, nothing", "fat:", "malformed special vvfat"},
    {"fat, options and nothing else", "fat:rw:", "malformed special vvfat query=rw"},
    {"nvme", "nvme://0000:01:00.0/1", "special nvme path=0000:01:00.0/1"},
    {"nvme, no namespace", "nvme://0000:01:00.0", "special nvme path=0000:01:00.0"},
    {"nvme, an empty namespace", "nvme://0000:01:00.0/", "special nvme path=0000:01:00.0/"},
    {"nvme, a namespace that isn't a number", "nvme://0000:01:00.0/x", "malformed special nvme path=0000:01:00.0/x"},
    {"nvme, more behind the namespace", "nvme://0000:01:00.0/1/2", "malformed special nvme path=0000:01:00.0/1/2"},
    {"nvme, no device", "nvme://", "malformed special nvme"},
    {"nvme, no slashes", "nvme:0000:01:00.0", "malformed special nvme"},
    {"null-co", "null-co://", "special null-co"},
    {"null-co, anything else", "null-co://x", "malformed special null-co"},
    {"null-aio", "null-aio://", "special null-aio"},
    {"null-aio, no slashes", "null-aio:", "malformed special null-aio"},
    {"io_uring keeps its word", "io_uring:/dev/vda", "special io_uring path=io_uring:/dev/vda at io_uring:/dev/vda opens file io_uring:/dev/vda"},
    {"nvme-io_uring takes no name", "nvme-io_uring:/dev/ng0n1", "malformed special nvme-io_uring path=/dev/ng0n1"},
    {"virtio-blk-vfio-pci takes no name", "virtio-blk-vfio-pci:/a", "malformed special virtio-blk-vfio-pci path=/a"},
    {"virtio-blk-vhost-user takes no name", "virtio-blk-vhost-user:/a", "malformed special virtio-blk-vhost-user path=/a"},
    {"virtio-blk-vhost-vdpa takes no name", "virtio-blk-vhost-vdpa:", "malformed special virtio-blk-vhost-vdpa"},
    {"json is taken apart elsewhere", "json:{}", "special json"},
    {"json with what may be a password", "json:{\"password\":\"SECRET\"}", "special json password shown json:***"},
    /* names in names */
    {"blkdebug", "blkdebug:/c:/i", "special blkdebug path=/i opens file /c opens file /i"},
    {"blkdebug, no configuration", "blkdebug::/i", "special blkdebug path=/i at /i opens file /i"},
    {"blkdebug, relative names", "blkdebug:c:i", "special blkdebug path=i opens file c opens file i"},
    {"blkdebug, file: within", "blkdebug::file:i:j", "special blkdebug path=file:i:j at i:j opens file i:j"},
    {"blkdebug, file: and nothing", "blkdebug::file:", "malformed special blkdebug path=file:"},
    {"blkdebug, no image", "blkdebug:/c:", "malformed special blkdebug at /c opens file /c"},
    {"blkdebug, no second colon", "blkdebug:/c", "malformed special blkdebug"},
    {"blkdebug, nbd within", "blkdebug:/c:nbd:h:1", "special blkdebug path=nbd:h:1 at /c opens file /c"},
    {"blkdebug, a socket within", "blkdebug:/c:nbd:unix:/s", "special blkdebug path=nbd:unix:/s opens file /c opens socket /s"},
    {"blkdebug, what is malformed within", "blkdebug::nbd:h", "malformed special blkdebug path=nbd:h"},
    {"blkdebug, a protocol that isn't", "blkdebug::what:x", "malformed special blkdebug path=what:x"},
    {"blkdebug, a password within", "blkdebug:/c:ssh://u:SECRET@h/a", "special blkdebug password at /c opens file /c shown blkdebug:/c:ssh://u:***@h/a"},
    {"blkdebug, blkverify and host_device within", "blkdebug:/c:blkverify:/r:host_device:/d", "special blkdebug path=blkverify:/r:host_device:/d opens file /c opens file /r opens block /d"},
    {"blkverify", "blkverify:/r:/t", "special blkverify path=/t opens file /r opens file /t"},
    {"blkverify, no raw copy", "blkverify::/t", "malformed special blkverify path=/t at /t opens file /t"},
    {"blkverify, no image", "blkverify:/r:", "malformed special blkverify at /r opens file /r"},
    {"blkverify, one file", "blkverify:/r", "malformed special blkverify"},
    /* drivers without a protocol's word, and what never was one */
    {"quorum takes no name", "quorum:x", "unknown"},
    {"vvfat is called fat", "vvfat:x", "unknown"},
    {"raw takes no name", "raw:x", "unknown"},
    {"copy-on-read takes no name", "copy-on-read:x", "unknown"},
    {"throttle takes no name", "throttle:x", "unknown"},
    {"tftp is gone", "tftp://h/a", "unknown"},
    {"an unknown protocol's password", "sftp://u:SECRET@h/a", "unknown shown sftp://u:***@h/a"},
    {"case counts", "NBD://h", "unknown"},
};
/* clang-format on */

static void test_case(void **state)
{
    const struct protocol_case *c = *state;
    struct imgprobe_reference r;
    struct text t;

    assert_int_equal(take_apart(&r, c->text, strlen(c->text), sizeof memory), IMGPROBE_OK);
    say(&r, &t);
    assert_string_equal(t.bytes, c->want);
    assert_null(strstr(t.bytes, "SECRET"));
    assert_true((strstr(c->text, "SEC") != NULL) == (r.stated.redacted.bytes != NULL));
}

/* Cut anywhere a name is still taken apart, and nothing behind it is looked at. */
static void test_cut(void **state)
{
    struct imgprobe_reference r;
    struct text t;
    size_t i, length;

    (void)state;
    for (i = 0; i < COUNT(cases); i++) {
        for (length = ip_name_protocol(
                          (struct imgprobe_bytes){(const unsigned char *)cases[i].text, strlen(cases[i].text)}) +
                      1;
             length <= strlen(cases[i].text); length++) {
            char *copy = malloc(length);

            assert_non_null(copy);
            memcpy(copy, cases[i].text, length);
            assert_int_equal(take_apart(&r, copy, length, sizeof memory), IMGPROBE_OK);
            say(&r, &t);
            assert_true(t.length > 0);
            free(copy);
        }
    }
}

/* Whatever part of the memory there is: an answer as with all of it, or the limit. */
static void test_full_workspace(void **state)
{
    struct imgprobe_reference r;
    struct text t;
    size_t i, size;

    (void)state;
    for (i = 0; i < COUNT(cases); i++) {
        enum imgprobe_status s = IMGPROBE_LIMIT;

        for (size = 0; s == IMGPROBE_LIMIT; size += 16) {
            s = take_apart(&r, cases[i].text, strlen(cases[i].text), size);
            assert_true(s == IMGPROBE_LIMIT || s == IMGPROBE_OK);
            if (s == IMGPROBE_LIMIT)
                assert_int_equal(error.found, size);
        }
        say(&r, &t);
        assert_string_equal(t.bytes, cases[i].want);
        assert_true(size < 8192);
    }
}

int main(void)
{
    static const struct CMUnitTest others[] = {
        {"names that are cut", test_cut, NULL, NULL, NULL},
        {"no room for what a name says", test_full_workspace, NULL, NULL, NULL},
    };
    static struct CMUnitTest tests[COUNT(cases) + COUNT(others)];
    size_t i;

    if (getenv("CMOCKA_MESSAGE_OUTPUT") == NULL)
        cmocka_set_message_output(CM_OUTPUT_TAP);
    for (i = 0; i < COUNT(cases); i++)
        tests[i] = (struct CMUnitTest){cases[i].name, test_case, NULL, NULL, (void *)(uintptr_t)&cases[i]};
    for (i = 0; i < COUNT(others); i++)
        tests[COUNT(cases) + i] = others[i];
    return _cmocka_run_group_tests("protocol", tests, COUNT(tests), NULL, NULL);
}
