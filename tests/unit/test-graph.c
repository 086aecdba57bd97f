/* SPDX-License-Identifier: MIT */
/* What json: names describe: where they lead, in which format, through which layers. */
#include "graph-text.h"

struct graph_case {
    const char *name;
    const char *text;     /* without its json: */
    const char *declared; /* the image's format for it; NULL: none */
    const char *workdir;  /* NULL: "/w"; "-": none */
    enum imgprobe_kind kind;
    const char *path;
    const char *format; /* NULL: probed */
    const char *layers; /* NULL: none; as `put_layers` writes them */
    const char *reason;
    unsigned version;     /* of the reader; 0: all */
    const char *protocol; /* NULL: none; as `put_protocol` writes it */
};

#define FILES(where, what) .kind = IMGPROBE_KIND_FILE, .path = (where), .format = (what)
#define NONE(id) .kind = IMGPROBE_KIND_NONE, .reason = (id)
#define REMOTE(parts) .kind = IMGPROBE_KIND_REMOTE, .reason = "remote-reference", .protocol = (parts)
#define SPECIAL(parts) .kind = IMGPROBE_KIND_SPECIAL, .reason = "special-reference", .protocol = (parts)

/* clang-format off */
static const struct graph_case cases[] = {
    /* files */
    {"a format over a file", "{'driver':'qcow2'," F "}", FILES("/w/a", "qcow2")},
    {"a file without a driver", "{'driver':'qcow2','file':{'filename':'/a/b'}}", FILES("/a/b", "qcow2")},
    {"dotted", "{'driver':'qcow2','file.filename':'a'}", FILES("/w/a", "qcow2")},
    {"no format", "{" F "}", FILES("/w/a", NULL)},
    {"a file and nothing over it", "{'driver':'file','filename':'a'}", FILES("/w/a", "file")},
    {"raw", "{'driver':'raw'," F "}", FILES("/w/a", "raw"), .layers = "raw 0 * beneath"},
    {"no working directory", "{'driver':'raw'," F "}", .workdir = "-", NONE("needs-workdir"), .format = "raw"},
    {"no working directory, absolute", "{'driver':'raw','file.filename':'/a'}", .workdir = "-", FILES("/a", "raw"), .layers = "raw 0 * beneath"},
    {"a colon behind a slash", "{'driver':'raw','file.filename':'./nbd:x'}", FILES("/w/./nbd:x", "raw"), .layers = "raw 0 * beneath"},
    {"a colon", "{'driver':'raw','file.filename':'nbd:x'}", NONE("name-means-two-things"), .format = "raw"},
    {"every other format", "{'driver':'vhdx'," F "}", FILES("/w/a", "vhdx")},
    {"luks", "{'driver':'luks','key-secret':'s'," F "}", FILES("/w/a", "luks")},
    /* the image's own word for the format */
    {"declared, none in the name", "{" F "}", "qcow2", FILES("/w/a", "qcow2")},
    {"declared, another in the name", "{'driver':'raw'," F "}", "qcow2", FILES("/w/a", "qcow2")},
    {"declared raw", "{'driver':'qcow2'," F "}", "raw", FILES("/w/a", "raw"), .layers = "raw 0 * beneath"},
    {"declared, a driver's keys of another", "{'driver':'qcow2','lazy-refcounts':true," F "}", "raw",
     NONE("unknown-key"), .format = "raw"},
    {"declared a file", "{'filename':'a'}", "file", FILES("/w/a", "file")},
    {"declared a format, given a file", "{'driver':'file','filename':'a'}", "raw", NONE("malformed-name"),
     .format = "raw"},
    {"declared a format, given a file without its driver", "{'filename':'a'}", "qcow2", NONE("malformed-name"),
     .format = "qcow2"},
    {"declared a file, given a format", "{'driver':'qcow2'," F "}", "file", NONE("unknown-key"), .format = "file"},
    {"declared what the reader hasn't", "{" F "}", "vhd", NONE("unknown-driver"), .format = "vhd"},
    /* layers */
    {"raw over a format", "{'driver':'raw','file':{'driver':'qcow2'," F "}}", FILES("/w/a", "qcow2"),
     .layers = "raw 0 * above"},
    {"a part of a format", "{'driver':'raw','offset':512,'size':'1024','file':{'driver':'qcow2'," F "}}",
     FILES("/w/a", "qcow2"), .layers = "raw 512 1024 above"},
    {"a format over a part", "{'driver':'qcow2','file':{'driver':'raw','offset':7," F "}}", FILES("/w/a", "qcow2"),
     .layers = "raw 7 * beneath"},
    {"above and beneath", "{'driver':'raw','size':512,'file':{'driver':'qcow2','file':{'driver':'raw','offset':7," F "}}}",
     FILES("/w/a", "qcow2"), .layers = "raw 0 512 above, raw 7 * beneath"},
    {"a part of a part", "{'driver':'raw','offset':1,'file':{'driver':'raw','offset':2," F "}}", FILES("/w/a", "raw"),
     .layers = "raw 1 * beneath, raw 2 * beneath"},
    {"raw over a part", "{'driver':'raw','file':{'driver':'raw','offset':2," F "}}", FILES("/w/a", "raw"),
     .layers = "raw 0 * beneath, raw 2 * beneath"},
    {"a filter", "{'driver':'preallocate','file':{'driver':'qcow2'," F "}}", FILES("/w/a", "qcow2"),
     .layers = "preallocate 0 * above"},
    {"a filter beneath", "{'driver':'qcow2','file':{'driver':'throttle','throttle-group':'g'," F "}}",
     FILES("/w/a", "qcow2"), .layers = "throttle 0 * beneath"},
    {"filters over a file", "{'driver':'preallocate'," F "}", FILES("/w/a", "file"), .layers = "preallocate 0 * above"},
    {"declared raw over a format", "{'driver':'vmdk','file':{'driver':'qcow2'," F "}}", "raw", FILES("/w/a", "qcow2"),
     .layers = "raw 0 * above"},
    {"a filter without its group", "{'driver':'throttle'," F "}", NONE("malformed-name")},
    {"what can't be compressed", "{'driver':'compress','file':{'driver':'raw'," F "}}", NONE("malformed-name")},
    {"a format over a format", "{'driver':'qcow2','file':{'driver':'vmdk'," F "}}", NONE("layer-hides-header"),
     .format = "qcow2"},
    {"a probe over a format", "{'file':{'driver':'qcow2'," F "}}", NONE("layer-hides-header")},
    {"a size that isn't of sectors", "{'driver':'raw','size':513," F "}", NONE("unknown-value")},
    {"an offset with a unit", "{'driver':'raw','offset':'1k'," F "}", NONE("unknown-value")},
    {"an offset below zero", "{'driver':'raw','offset':-1," F "}", NONE("unknown-value")},
    {"an offset in octal", "{'driver':'raw','offset':'010'," F "}", NONE("unknown-value")},
    {"an offset in hexadecimal", "{'driver':'raw','offset':'0x10'," F "}", NONE("unknown-value")},
    {"an offset as a float", "{'driver':'raw','offset':1e3," F "}", NONE("unknown-value")},
    {"an offset beyond all", "{'driver':'raw','offset':9999999999999999999," F "}", NONE("unknown-value")},
    /* other keys */
    {"keys of every node", "{'driver':'raw','node-name':'n','read-only':true,'auto-read-only':'off','force-share':'on',"
     "'discard':'unmap','detect-zeroes':'on','cache':{'direct':true},'cache.no-flush':'off'," F "}",
     FILES("/w/a", "raw"), .layers = "raw 0 * beneath"},
    {"keys of a file", "{'driver':'file','filename':'a','aio':'threads','aio-max-batch':1,'locking':'auto',"
     "'pr-manager':'p','drop-cache':false}", FILES("/w/a", "file")},
    {"keys of qcow2", "{'driver':'qcow2','encrypt':{'format':'luks','key-secret':'s'},'overlap-check':'none',"
     "'cache-size':'1M','l2-cache-size':65536,'pass-discard-other':true," F "}", FILES("/w/a", "qcow2")},
    {"overlap checks of qcow2", "{'driver':'qcow2','overlap-check':{'template':'all','main-header':true,'active-l1':true,"
     "'active-l2':true,'inactive-l1':true,'inactive-l2':true,'refcount-table':true,'refcount-block':true,"
     "'snapshot-table':true,'bitmap-directory':true}," F "}", FILES("/w/a", "qcow2")},
    {"discards and caches of qcow2", "{'driver':'qcow2','pass-discard-request':true,'pass-discard-snapshot':false,"
     "'refcount-cache-size':'1k','cache-clean-interval':5," F "}", FILES("/w/a", "qcow2")},
    {"as much of a cache as there may be", "{'driver':'qcow2','cache-size':'1M','l2-cache-size':'1024k',"
     "'refcount-cache-size':1048576," F "}", FILES("/w/a", "qcow2")},
    {"more than all of it", "{'driver':'qcow2','cache-size':'1M','l2-cache-size':1048577," F "}",
     NONE("unknown-value")},
    {"more than all of it, too", "{'driver':'qcow2','cache-size':1,'refcount-cache-size':'1k'," F "}",
     NONE("unknown-value")},
    {"a cache beside one of no size", "{'driver':'qcow2','l2-cache-size':1,'cache-size':'x'," F "}",
     NONE("unknown-value")},
    {"the largest cache", "{'driver':'qcow2','cache-size':1099511627775," F "}", FILES("/w/a", "qcow2")},
    {"the largest in a unit", "{'driver':'qcow2','cache-size':'1048575M'," F "}", FILES("/w/a", "qcow2")},
    {"a larger one", "{'driver':'qcow2','cache-size':1099511627776," F "}", NONE("unknown-value")},
    {"a larger one in a unit", "{'driver':'qcow2','cache-size':'1073741824k'," F "}", NONE("unknown-value")},
    {"a cache of a truth", "{'driver':'qcow2','cache-size':true," F "}", NONE("unknown-value")},
    {"the longest interval", "{'driver':'qcow2','cache-clean-interval':4294967295," F "}", FILES("/w/a", "qcow2")},
    {"a longer one", "{'driver':'qcow2','cache-clean-interval':4294967296," F "}", NONE("unknown-value")},
    {"an interval that is no number", "{'driver':'qcow2','cache-clean-interval':'x'," F "}", NONE("unknown-value")},
    {"a debugging key of a file", "{'driver':'file','filename':'a','x-check-cache-dropped':false}",
     FILES("/w/a", "file")},
    {"an unknown key", "{'driver':'raw','x':1," F "}", NONE("unknown-key")},
    {"an unknown key of a group", "{'driver':'raw','cache.x':1," F "}", NONE("unknown-key")},
    {"a group as a value", "{'driver':'raw','cache':true," F "}", NONE("unknown-key")},
    {"an empty group", "{'driver':'raw','cache':{}," F "}", NONE("unknown-key")},
    {"a value as a group", "{'driver':'raw','discard':{'x':1}," F "}", NONE("unknown-key")},
    {"a name beside a file", "{'driver':'raw','filename':'a'," F "}", NONE("unknown-key")},
    {"a name for a format", "{'filename':'a'}", NONE("unknown-key")},
    {"extents", "{'driver':'vmdk','extents.0.filename':'x'," F "}", NONE("unknown-key")},
    {"an unknown word", "{'driver':'raw','discard':'x'," F "}", NONE("unknown-value")},
    {"a null", "{'driver':'raw','discard':null," F "}", NONE("unknown-value")},
    {"a number for a boolean", "{'driver':'raw','force-share':1," F "}", NONE("unknown-value")},
    {"one name for two nodes", "{'driver':'raw','node-name':'n','file':{'node-name':'n','filename':'a'}}",
     NONE("unknown-value"), .format = NULL},
    {"a node's name that is none", "{'driver':'raw','node-name':'1'," F "}", NONE("unknown-value")},
    {"two values", "{'driver':'raw','file.filename':'b'," F "}", NONE("name-means-two-things")},
    /* writing */
    {"writing", "{'driver':'raw','read-only':false," F "}", NONE("reference-asks-write")},
    {"writing, as a word", "{'driver':'raw','read-only':'off'," F "}", NONE("reference-asks-write")},
    {"writing, as it isn't told", "{'driver':'raw','read-only':'yes'," F "}", NONE("reference-asks-write")},
    {"writing, further down", "{'driver':'raw','file':{'filename':'a','read-only':false}}",
     NONE("reference-asks-write")},
    {"copy-on-read", "{'driver':'copy-on-read'," F "}", NONE("reference-asks-write")},
    {"writing into a directory", "{'driver':'vvfat','dir':'d','rw':true}", NONE("reference-asks-write")},
    {"writing, in one of many", "{'driver':'quorum','children':[{'driver':'file','filename':'a','read-only':'off'}]}",
     NONE("reference-asks-write"), .format = "quorum"},
    /* no graph */
    {"no JSON", "{'driver':}", NONE("malformed-name")},
    {"nothing", "{}", NONE("malformed-name")},
    {"no file", "{'driver':'qcow2'}", NONE("malformed-name"), .format = "qcow2"},
    {"no name", "{'driver':'raw','file':{'driver':'file'}}", NONE("malformed-name"), .format = "raw"},
    {"an empty name", "{'driver':'file','filename':''}", NONE("unknown-value")},
    {"a number as a name", "{'driver':'file','filename':1}", NONE("unknown-value")},
    {"a node by its name", "{'driver':'raw','file':'n'}", NONE("malformed-name")},
    {"an empty node", "{'driver':'raw','file':{}}", NONE("malformed-name")},
    {"a backing node by its name", "{'driver':'qcow2','backing':'n'," F "}", NONE("malformed-name"), .format = "qcow2"},
    {"a data node by its name", "{'driver':'qcow2','data-file':'n'," F "}", NONE("malformed-name"), .format = "qcow2"},
    {"a backing file for raw", "{'driver':'raw','backing':{" F "}," F "}", NONE("unknown-key")},
    {"a backing file for a probe", "{'backing':{" F "}," F "}", NONE("format-probed")},
    {"a driver that isn't known", "{'driver':'x'," F "}", NONE("unknown-driver")},
    {"a driver that is no word", "{'driver':1," F "}", NONE("unknown-driver")},
    /* other hosts */
    {"nbd", "{'driver':'nbd','server':{'type':'inet','host':'h','port':'1'},'export':'e'}",
     REMOTE("nbd tcp host=h port=1 path=e"), .format = "nbd"},
    {"nbd, as it was", "{'driver':'nbd','host':'h','port':1}", REMOTE("nbd host=h port=1"), .format = "nbd"},
    {"nbd beneath a format", "{'driver':'qcow2','file':{'driver':'nbd','host':'h'}}", REMOTE("nbd host=h"),
     .format = "qcow2"},
    {"nbd over a socket", "{'driver':'nbd','server.type':'unix','server.path':'s'}", .format = "nbd",
     SPECIAL("nbd unix socket=s; socket /w/s")},
    {"nbd over a socket, as it was", "{'driver':'nbd','path':'/s'}", SPECIAL("nbd unix socket=/s; socket /s"),
     .format = "nbd"},
    {"nbd over vsock", "{'driver':'nbd','server':{'type':'vsock','cid':'2','port':'1'}}", .format = "nbd",
     REMOTE("nbd vsock host=2 port=1")},
    {"ssh", "{'driver':'ssh','server':{'host':'h','port':'22'},'path':'/p','user':'u'}", .format = "ssh",
     REMOTE("ssh host=h port=22 path=/p user=u")},
    {"iscsi, an empty portal", "{'driver':'iscsi','transport':'tcp','portal':'','target':'t','lun':2}",
     REMOTE("iscsi host= path=t/2"), .format = "iscsi"},
    {"iscsi, a portal that is no text", "{'driver':'iscsi','transport':'tcp','portal':1,'target':'t','lun':2}",
     REMOTE("iscsi host=1 path=t/2"), .format = "iscsi"},
    {"iscsi", "{'driver':'iscsi','transport':'tcp','portal':'[::1]:3260','target':'t','lun':2,'user':'u','password':'x'}",
     REMOTE("iscsi host=::1 port=3260 path=t/2 user=u password"), .format = "iscsi"},
    {"rbd", "{'driver':'rbd','pool':'p','namespace':'n','image':'i','conf':'/c','server':[{'host':'a','port':'1'},"
     "{'host':'b','port':'2'}]}", .format = "rbd",
     REMOTE("rbd host=a port=1 host=b port=2 path=p/n/i; file /c")},
    {"gluster", "{'driver':'gluster','volume':'v','path':'p','server':[{'type':'tcp','host':'h','port':'1'}]}",
     REMOTE("gluster tcp host=h port=1 path=v/p"), .format = "gluster"},
    {"gluster over a socket", "{'driver':'gluster','volume':'v','path':'p','server':[{'type':'unix','path':'/s'}]}",
     SPECIAL("gluster unix socket=/s path=v/p; socket /s"), .format = "gluster"},
    {"nfs", "{'driver':'nfs','server':{'type':'inet','host':'h'},'path':'/p'}", REMOTE("nfs tcp host=h path=/p"),
     .format = "nfs"},
    {"a URL", "{'driver':'qcow2','file':{'driver':'https','url':'https://u:x@h:1/a/b?q','sslverify':false}}",
     REMOTE("https host=h port=1 path=/a/b user=u password"), .format = "qcow2"},
    {"a URL in escapes and a key that isn't known", "{'driver':'raw','x':1,'file.url':'https:\\/\\/u:SECRET@h\\/a'}",
     NONE("unknown-key")},
    {"a URL with its @ in an escape and one", "{'driver':'raw','x':1,'file.url':'https://u:SECRET\\u0040h/a'}",
     NONE("unknown-key")},
    {"an honest name in escapes", "{'driver':'raw','file.filename':'/h\\u00e9t'}", FILES("/h\xc3\xa9t", "raw"),
     .layers = "raw 0 * beneath"},
    {"an honest name in escapes, refused", "{'driver':'raw','x':1,'file.filename':'/h\\u00e9'}", NONE("unknown-key")},
    {"escapes of an escape of a SECRET", "{'driver':'raw','file.filename':'/p\\\\u0061ssword SECRET'}",
     FILES("/p\\u0061ssword SECRET", "raw"), .layers = "raw 0 * beneath"},
    {"a password in escapes and one", "{'driver':'raw','x':1,'file.p\\u0061ssword':'SECRET'}", NONE("unknown-key")},
    {"a URL of another protocol", "{'driver':'https','url':'http://h/'}", NONE("malformed-name"), .format = "https"},
    {"no URL", "{'driver':'https'}", NONE("malformed-name"), .format = "https"},
    /* a name of the protocol as its file's name */
    {"gluster by a URI", "{'driver':'gluster','filename':'gluster://example.com/vol/file'}",
     REMOTE("gluster host=example.com path=vol/file"), .format = "gluster"},
    {"gluster over a socket by a URI", "{'driver':'gluster','filename':'gluster+unix:///vol/file?socket=/s'}",
     SPECIAL("gluster unix socket=/s path=vol/file; socket /s"), .path = "/s", .format = "gluster"},
    {"gluster by another's URI", "{'driver':'gluster','filename':'nbd://example.com/vol'}", NONE("malformed-name"),
     .format = "gluster"},
    {"rbd by its old words", "{'driver':'rbd','filename':'rbd:pool/image:conf=/c'}",
     REMOTE("rbd path=pool/image; file /c"), .format = "rbd"},
    {"rbd by its old words, with a password", "{'driver':'rbd','filename':'rbd:pool/image:key=SECRET'}",
     REMOTE("rbd path=pool/image password"), .format = "rbd"},
    {"rbd by a name without its word", "{'driver':'rbd','filename':'pool/image'}", NONE("malformed-name"),
     .format = "rbd"},
    {"rbd by a name and by keys", "{'driver':'rbd','pool':'p','image':'i','filename':'rbd:pool/image'}",
     NONE("malformed-name"), .format = "rbd"},
    {"gluster by no URI", "{'driver':'gluster','filename':'file'}", NONE("malformed-name"), .format = "gluster"},
    {"two nodes of one name, side by side",
     "{'driver':'qcow2','file':{'driver':'file','filename':'a','node-name':'x'},"
     "'backing':{'driver':'raw','file':{'driver':'file','filename':'b','node-name':'x'}}}", NONE("unknown-value")},
    {"aio that asks for another key", "{'driver':'raw','file':{'driver':'file','filename':'a','aio':'native'}}",
     NONE("unknown-value")},
    {"nbd takes no name", "{'driver':'nbd','filename':'nbd://h/e'}", NONE("malformed-name"), .format = "nbd"},
    {"ssh takes no name", "{'driver':'ssh','filename':'ssh://h/e'}", NONE("malformed-name"), .format = "ssh"},
    {"iscsi takes no name", "{'driver':'iscsi','filename':'iscsi://h/e/1'}", NONE("malformed-name"), .format = "iscsi"},
    {"nfs takes no name", "{'driver':'nfs','filename':'nfs://h/e'}", NONE("malformed-name"), .format = "nfs"},
    /* what the reader had once */
    {"sheepdog", "{'driver':'sheepdog','vdi':'a'}", NONE("unknown-driver")},
    {"vxhs", "{'driver':'vxhs','vdisk-id':'a'}", NONE("unknown-driver")},
    /* keys that some versions have */
    {"discard-no-unref", "{'driver':'qcow2','discard-no-unref':true," F "}", NONE("versions-differ")},
    {"discard-no-unref of 7.2", "{'driver':'qcow2','discard-no-unref':true," F "}", NONE("unknown-key"),
     .version = IMGPROBE_READER_VERSION(7, 2)},
    {"discard-no-unref of 8.2, which follows 7.2", "{'driver':'qcow2','discard-no-unref':true," F "}",
     NONE("unknown-key"), .version = IMGPROBE_READER_VERSION(8, 2)},
    {"discard-no-unref of 10.0", "{'driver':'qcow2','discard-no-unref':true," F "}", FILES("/w/a", "qcow2"),
     .version = IMGPROBE_READER_VERSION(10, 0)},
    {"discard-no-unref that is no flag", "{'driver':'qcow2','discard-no-unref':1," F "}", NONE("unknown-value"),
     .version = IMGPROBE_READER_VERSION(11, 1)},
    {"active", "{'driver':'raw','active':false," F "}", NONE("versions-differ")},
    {"active off, which 11.1 refuses beneath the top", "{'driver':'raw','active':false," F "}", NONE("unknown-value"),
     .version = IMGPROBE_READER_VERSION(11, 1)},
    {"active of a file of 11.1", "{'driver':'raw','file':{'driver':'file','active':true,'filename':'a'}}",
     FILES("/w/a", "raw"), .layers = "raw 0 * beneath", .version = IMGPROBE_READER_VERSION(11, 1)},
    {"active that is no flag", "{'driver':'raw','active':1," F "}", NONE("unknown-value"),
     .version = IMGPROBE_READER_VERSION(11, 1)},
    {"a header of luks", "{'driver':'luks','header':{'driver':'file','filename':'h'}," F "}", NONE("versions-differ")},
    {"a header of luks of 7.2", "{'driver':'luks','header':{'driver':'file','filename':'h'}," F "}",
     NONE("unknown-key"), .version = IMGPROBE_READER_VERSION(7, 2)},
    {"a header of luks of 10.0", "{'driver':'luks','header':{'driver':'file','filename':'h'}," F "}",
     NONE("special-reference"), .version = IMGPROBE_READER_VERSION(10, 0)},
    {"a node's name as a header of luks", "{'driver':'luks','header':'h'," F "}", NONE("special-reference"),
     .version = IMGPROBE_READER_VERSION(11, 1)},
    /* this host */
    {"a device", "{'driver':'host_device','filename':'/dev/x'}", FILES("/dev/x", "host_device")},
    {"a format over a device", "{'driver':'qcow2','file':{'driver':'host_device','filename':'/dev/x'}}",
     FILES("/dev/x", "qcow2")},
    {"a device and every key of it", "{'driver':'host_device','filename':'x','aio':'threads','locking':'off'}",
     FILES("/w/x", "host_device")},
    {"a device without a name", "{'driver':'host_device'}", NONE("malformed-name"), .format = "host_device"},
    {"a drive for discs", "{'driver':'host_cdrom','filename':'/dev/x'}", .path = "/dev/x", .format = "host_cdrom",
     SPECIAL("host_cdrom path=/dev/x; block /dev/x")},
    {"a directory", "{'driver':'vvfat','dir':'d','rw':false}", SPECIAL("vvfat path=d; directory /w/d"),
     .format = "vvfat"},
    {"a directory and every key of it", "{'driver':'vvfat','dir':'d','fat-type':16,'floppy':true,'label':'l'}",
     SPECIAL("vvfat path=d; directory /w/d"), .format = "vvfat"},
    {"nothing at all", "{'driver':'null-co','size':1}", SPECIAL("null-co"), .format = "null-co"},
    {"nvme", "{'driver':'nvme','device':'0000:01:00.0','namespace':1}", SPECIAL("nvme path=0000:01:00.0/1"),
     .format = "nvme"},
    {"blkdebug", "{'driver':'blkdebug','config':'c','image':{'filename':'a'}}", .format = "blkdebug",
     SPECIAL("blkdebug; file /w/c; file /w/a")},
    {"quorum", "{'driver':'quorum','children':[{'driver':'file','filename':'a'},{'driver':'raw'," F "}]}",
     SPECIAL("quorum; file /w/a; file /w/a"), .format = "quorum"},
    {"quorum over a socket", "{'driver':'quorum','children':[{'driver':'nbd','server':{'type':'unix','path':'s'}}]}",
     SPECIAL("quorum; socket /w/s"), .format = "quorum"},
    {"quorum over a server that isn't told", "{'driver':'quorum','children':[{'driver':'nbd','server':{}}]}",
     SPECIAL("quorum"), .format = "quorum"},
};
/* clang-format on */

static void check(const struct graph_case *c, const struct imgprobe_reference *r)
{
    struct text layers = {.length = 0}, protocol = {.length = 0};
    const char *path = (const char *)r->led.path.bytes;

    assert_string_equal(or_none(r->led.reason), or_none(c->reason));
    assert_int_equal(r->led.kind, c->kind);
    assert_string_equal(or_none(path), or_none(c->path));
    assert_true((r->led.note != NULL) == (c->reason != NULL));
    if (c->format || !c->reason) {
        assert_int_equal(r->led.format.length, c->format ? strlen(c->format) : 0);
        assert_true(!c->format || ip_equal(r->led.format, c->format));
        assert_int_equal(r->led.format_source, c->format ? IMGPROBE_FORMAT_DECLARED : IMGPROBE_FORMAT_PROBED);
    }
    if (strstr(c->text, "SECRET"))
        assert_string_equal(or_none((const char *)r->stated.redacted.bytes), "json:***");
    if (strstr(c->name, "honest"))
        assert_null(r->stated.redacted.bytes);
    put_layers(&layers, r->led.layers);
    assert_string_equal(layers.bytes, c->layers ? c->layers : "");
    put_protocol(&protocol, r);
    assert_string_equal(protocol.bytes, c->protocol ? c->protocol : "");
}

static void test_case(void **state)
{
    const struct graph_case *c = *state;
    struct imgprobe_workspace w = workspace();
    struct imgprobe_error error;
    char name[512];
    struct ip_reference own = reference_of(name, c->text, c->declared);
    struct imgprobe_reference *r = &own.reference;
    const char *workdir = !c->workdir ? "/w" : strcmp(c->workdir, "-") == 0 ? NULL : c->workdir;
    size_t most, room;

    assert_int_equal(resolve(r, workdir, c->version, &w, &error), IMGPROBE_OK);
    check(c, r);
    most = w.most;
    for (room = most;; room--) {
        w = workspace();
        w.size = room;
        memset(memory, 0xa5, most);
        ip_workspace_begin(&w);
        memset(&error, 0, sizeof error);
        *ip_own(r) = reference_of(name, c->text, c->declared);
        if (resolve(r, workdir, c->version, &w, &error) == IMGPROBE_OK) {
            assert_int_equal(room, most);
            check(c, r);
        } else {
            assert_int_equal(error.status, IMGPROBE_LIMIT);
            assert_string_equal(error.field, "workspace");
            assert_int_equal(error.found, w.size);
        }
        if (room == 0)
            break;
    }
}

/* What stands where is said by the byte of the name. */
static void test_notes(void **state)
{
    struct imgprobe_workspace w = workspace();
    struct imgprobe_error error;
    char name[512];
    struct ip_reference own = reference_of(name, "{'driver':'raw','x':1,'file.filename':'a'}", NULL);
    struct imgprobe_reference *r = &own.reference;

    (void)state;
    assert_int_equal(resolve(r, "/w", 0, &w, &error), IMGPROBE_OK);
    assert_string_equal(r->led.note, "it holds a key that isn't known for its driver, at byte 21");
    *ip_own(r) = reference_of(name, "{'driver':'raw',}", NULL);
    assert_int_equal(resolve(r, "/w", 0, &w, &error), IMGPROBE_OK);
    assert_string_equal(r->led.note, "a key is expected there, at byte 21");
}

static void test_limits(void **state)
{
    struct imgprobe_workspace w = workspace();
    struct imgprobe_error error;
    char name[512];
    struct ip_reference own = reference_of(name, "{'a':[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]}", NULL);
    struct imgprobe_reference *r = &own.reference;

    (void)state;
    assert_int_equal(resolve(r, "/w", 0, &w, &error), IMGPROBE_LIMIT);
    assert_string_equal(error.field, "json_depth");
    assert_int_equal(error.found, 17);
}

/* However little room there is, the error says so. */
static void test_room(void **state)
{
    const char *text = *state;
    enum imgprobe_status s = IMGPROBE_LIMIT;
    struct imgprobe_error error;
    char name[512];
    size_t room;

    for (room = 0; room < 8192; room += 16) {
        struct imgprobe_workspace w = workspace();
        struct ip_reference own = reference_of(name, text, NULL);
        struct imgprobe_reference *r = &own.reference;

        w.size = room;
        memset(&error, 0, sizeof error);
        s = resolve(r, "/w", 0, &w, &error);
        assert_true(s == IMGPROBE_OK || s == IMGPROBE_LIMIT);
        assert_true(s != IMGPROBE_OK || r->led.kind == IMGPROBE_KIND_SPECIAL || r->led.kind == IMGPROBE_KIND_REMOTE);
        if (s == IMGPROBE_LIMIT) {
            assert_int_equal(error.status, IMGPROBE_LIMIT);
            assert_string_equal(error.field, "workspace");
            assert_int_equal(error.found, w.size);
        }
    }
    assert_int_equal(s, IMGPROBE_OK);
}

/* A number's text is a string's: a NUL follows it, wherever it stood. */
static void test_numbers(void **state)
{
    struct imgprobe_workspace w = workspace();
    struct imgprobe_error error;
    char name[512];
    struct ip_reference own =
        reference_of(name, "{'driver':'nbd','server':{'type':'inet','host':'h','port':10809}}", NULL);
    struct imgprobe_reference *r = &own.reference;

    (void)state;
    assert_int_equal(resolve(r, "/w", 0, &w, &error), IMGPROBE_OK);
    assert_non_null(r->led.protocol);
    assert_string_equal((const char *)r->led.protocol->server.port.bytes, "10809");
    assert_int_equal(r->led.protocol->server.port.length, 5);
}

int main(void)
{
    static const char servers[] = "{'driver':'raw','file':{'driver':'qcow2','backing':{'x':1},'file':{'driver':'"
                                  "gluster','volume':'v','path':'p',"
                                  "'server':[{'type':'unix','path':'s'},{'host':'h'}]}}}";
    static const char url[] = "{'driver':'https','url':'https://user:word@host:443/path?query'}";
    static const struct CMUnitTest others[] = {
        {"notes say where", test_notes, NULL, NULL, NULL},
        {"depth", test_limits, NULL, NULL, NULL},
        {"room for servers", test_room, NULL, NULL, (void *)(uintptr_t)servers},
        {"room for a URL", test_room, NULL, NULL, (void *)(uintptr_t)url},
        {"numbers as text", test_numbers, NULL, NULL, NULL},
    };
    static struct CMUnitTest tests[COUNT(cases) + COUNT(others)];
    struct CMUnitTest *at = tests;
    size_t i;

    if (getenv("CMOCKA_MESSAGE_OUTPUT") == NULL)
        cmocka_set_message_output(CM_OUTPUT_TAP);
    for (i = 0; i < COUNT(cases); i++)
        *at++ = (struct CMUnitTest){cases[i].name, test_case, NULL, NULL, (void *)(uintptr_t)&cases[i]};
    for (i = 0; i < COUNT(others); i++)
        *at++ = others[i];
    return _cmocka_run_group_tests("graph", tests, COUNT(tests), NULL, NULL);
}
