#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The examples against real servers: NBD by nbdkit, plain and with TLS, and by qemu-nbd; HTTP by a server of our own that
also lies. What they fetch is counted. Prints TAP.
"""
import http.server
import os
import re
import socketserver
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), 'lib'))
import images
from tap import Tap

WITHIN = 60
NEEDED = ('qemu-img', 'nbdkit', 'qemu-nbd', 'certtool', 'psktool')
# What an image answers: format, and references.
IMAGES = (
    ('plain.qcow2', 'qcow2', ['references none']),
    ('top.qcow2', 'qcow2', ['references known', 'backing plain.qcow2']),
    ('disk.vmdk', 'vmdk', ['references none']),
    ('disk.vhd', 'vhd', ['references none']),
    ('disk.raw', 'raw', ['references none']),
)
MOST = {'qcow2': (4, 8192), 'vmdk': (5, 24576), 'vhd': (11, 16384), 'raw': (4, 8192)}


def make(folder):
    for line in ('create -q -f qcow2 plain.qcow2 64M', 'create -q -f qcow2 -b plain.qcow2 -F qcow2 top.qcow2',
                 'create -q -f vmdk disk.vmdk 64M', 'create -q -f vpc -o subformat=dynamic,force_size=on disk.vhd 64M',
                 'create -q -f raw disk.raw 64M'):
        subprocess.run(['qemu-img', *line.split()], cwd=folder, check=True, timeout=WITHIN)


class Example:
    """What one run of an example gave."""

    def __init__(self, program, *arguments, environment=None):
        done = subprocess.run([program, *arguments], capture_output=True, timeout=WITHIN, check=False,
                              env={**os.environ, **(environment or {})})
        self.status, self.lines = done.returncode, done.stdout.decode().split('\n')
        self.error = done.stderr.decode(errors='backslashreplace')
        found = re.search(r'^fetched (\d+) ranges, (\d+) bytes$', done.stdout.decode(), re.M)
        self.fetched = tuple(map(int, found.groups())) if found else None

    def __str__(self):
        return f'exit {self.status}\n{self.error}\n' + '\n'.join(self.lines)


def answers(tap, example, title, image, format, references, most):
    """The right answer, for few ranges."""
    good = example.status == 0 and example.lines[0] == f'format {format}' and example.lines[2:-2] == references and \
        example.lines[1] == 'virtual-size 67108864'
    tap.ok(good, f'{title}: {image}', str(example))
    tap.ok(example.fetched and example.fetched[0] <= most[0] and example.fetched[1] <= most[1],
           f'{title}: {image}: at most {most[0]} ranges and {most[1]} bytes', str(example))


def certificates(folder):
    """A certificate authority and a server's certificate, as nbdkit and libnbd want them; and a key of two."""
    def run(*words):
        subprocess.run(words, cwd=folder, check=True, capture_output=True, timeout=WITHIN)

    for name, template in (('ca', 'cn = test\nca\ncert_signing_key\n'),
                           ('server', 'cn = localhost\ndns_name = localhost\ntls_www_server\nencryption_key\n')):
        with open(os.path.join(folder, f'{name}.info'), 'w', encoding='ascii') as out:
            out.write(template)
        run('certtool', '--generate-privkey', '--key-type', 'ecdsa', '--outfile', f'{name}-key.pem')
    run('certtool', '--generate-self-signed', '--load-privkey', 'ca-key.pem', '--template', 'ca.info', '--outfile',
        'ca-cert.pem')
    run('certtool', '--generate-certificate', '--load-ca-certificate', 'ca-cert.pem', '--load-ca-privkey', 'ca-key.pem',
        '--load-privkey', 'server-key.pem', '--template', 'server.info', '--outfile', 'server-cert.pem')
    run('psktool', '-u', 'alice', '-p', 'keys.psk')


class Server:
    """A program that serves on a socket of the folder until the end of `with`."""

    def __init__(self, folder, *words):
        self.socket = os.path.join(folder, 'socket')
        if os.path.exists(self.socket):
            os.unlink(self.socket)
        self.process = subprocess.Popen(words, cwd=folder, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def __enter__(self):
        end = time.monotonic() + WITHIN
        while not os.path.exists(self.socket):
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(self.process.communicate()[1].decode())
            time.sleep(0.02)
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()


def nbd(tap, program, folder):
    for image, format, references in IMAGES:
        with Server(folder, 'nbdkit', '-f', '-r', '-U', 'socket', 'file', image) as server:
            done = Example(program, f'nbd+unix:///?socket={server.socket}', format)
        answers(tap, done, 'NBD', image, format, references, MOST[format])
    certificates(folder)
    for title, flags, uri in (
            ('NBD, TLS by certificates', ['--tls=require', '--tls-certificates=.'],
             'nbds+unix://localhost/?socket={socket}&tls-certificates={folder}'),
            ('NBD, TLS by a key of two', ['--tls=require', '--tls-psk=keys.psk'],
             'nbds+unix://alice@localhost/?socket={socket}&tls-psk-file={folder}/keys.psk')):
        with Server(folder, 'nbdkit', '-f', '-r', '-U', 'socket', *flags, 'file', 'top.qcow2') as server:
            done = Example(program, uri.format(socket=server.socket, folder=folder), 'qcow2')
            answers(tap, done, title, 'top.qcow2', 'qcow2', IMAGES[1][2], MOST['qcow2'])
            done = Example(program, f'nbd+unix:///?socket={server.socket}', 'qcow2')
            tap.ok(done.status == 1 and done.error.strip(), f'{title}: without it nothing is read', str(done))
    with Server(folder, 'qemu-nbd', '-t', '-e', '4', '-k', os.path.join(folder, 'socket'), '-f', 'qcow2',
                'plain.qcow2') as server:
        uri = f'nbd+unix:///?socket={server.socket}'
        subprocess.run(['qemu-io', '-f', 'raw', '-c', 'write -P 65 0 64k', uri], check=True, capture_output=True,
                       timeout=WITHIN)
        answers(tap, Example(program, uri, 'raw'), 'qemu-nbd, while a disk is written', 'plain.qcow2', 'raw',
                ['references none'], MOST['raw'])
    done = Example(program, f'nbd+unix:///?socket={folder}/none')
    tap.ok(done.status == 1 and done.error.strip(), 'NBD: nobody listens', str(done))


class Handler(http.server.BaseHTTPRequestHandler):
    """Serves ranges of the server's image, or lies in its way."""
    protocol_version = 'HTTP/1.1'

    def log_message(self, *_):
        pass

    def whole(self):
        self.send_response(200)
        self.send_header('Content-Length', str(len(self.server.image)))
        self.end_headers()
        self.wfile.write(self.server.image)

    def do_GET(self):
        self.close_connection = True
        way, image = self.server.way, self.server.image
        self.server.asked += 1
        first, last = map(int, re.fullmatch(r'bytes=(\d+)-(\d+)', self.headers['Range']).groups())
        try:
            if way == 'no ranges':
                self.whole()
            elif way == 'elsewhere':
                self.send_response(302)
                self.send_header('Location', '/other')
                self.send_header('Content-Length', '0')
                self.end_headers()
            elif way == 'refuses':
                self.send_error(403)
            else:
                self.part(way, image, first, min(last, len(image) - 1))
        except OSError:
            pass

    def part(self, way, image, first, last):
        body = image[first:last + 1]
        size = len(image) + (512 if way == 'another size' and self.server.asked > 1 else 0)
        told = f'bytes {first + (way == "another range")}-{last + (way == "another range")}/{size}'
        self.send_response(206)
        if way != 'no word of the range':
            self.send_header('Content-Range', told)
        if way != 'no length':
            self.send_header('Content-Length', str(len(body) + (7 if way == 'less than it says' else 0)))
        self.end_headers()
        if way == 'stands still':
            self.wfile.write(body[:100])
            time.sleep(WITHIN / 4)
            return
        if way == 'no length':
            body = body[:-1]
        self.wfile.write(body + (b'x' * 100 if way == 'more than the range' else b''))


# How a server lies, and what is said of it.
LIES = (
    ('no ranges', 'the server serves no ranges'),
    ('elsewhere', "the server leads elsewhere, and isn't followed"),
    ('refuses', 'the server refuses'),
    ('another range', 'the server sends another range than it was asked for'),
    ('no word of the range', 'the server sends another range than it was asked for'),
    ('another size', 'the file has changed its size meanwhile'),
    ('less than it says', ''),
    ('no length', 'the server sends less than it says'),
    ('stands still', ''),
)


class Web(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True


def web(tap, program, folder):
    with Web(('127.0.0.1', 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f'http://127.0.0.1:{server.server_address[1]}/image'
        direct = {'no_proxy': '*'}
        for image, format, references in IMAGES:
            with open(os.path.join(folder, image), 'rb') as data:
                server.image, server.way, server.asked = data.read(), '', 0
            done = Example(program, url, format, environment=direct)
            answers(tap, done, 'HTTP', image, format, references, MOST[format])
            tap.equal(server.asked, done.fetched and done.fetched[0], f'HTTP: {image}: each range is one request')
        with open(os.path.join(folder, 'top.qcow2'), 'rb') as data:
            server.image = data.read()
        for server.way, why in LIES:
            server.asked = 0
            done = Example(program, url, 'qcow2', environment=direct)
            tap.ok(done.status == 1 and done.error.strip() and why in done.error and not done.fetched,
                   f'HTTP, a server that lies: {server.way}', str(done))
        server.shutdown()
    done = Example(program, url, 'qcow2', environment=direct)
    tap.ok(done.status == 1 and done.error.strip(), 'HTTP: nobody listens', str(done))


def main():
    asked = images.arguments(__doc__, ('--nbd', dict(metavar='PATH', help='the example for NBD')),
                             ('--http', dict(metavar='PATH', help='the example for HTTP')))
    tap = Tap()
    missing = [name for name in NEEDED if not images.tool(name)]
    with images.scratch() as folder:
        if not missing:
            make(folder)
        for title, program, library, part in (('NBD', asked.nbd, 'libnbd-dev', nbd),
                                              ('HTTP', asked.http, 'libcurl4-openssl-dev', web)):
            if missing or not program:
                tap.lacking(title, missing[0] if missing else library)
            else:
                part(tap, program, os.path.realpath(folder))
    tap.done()


if __name__ == '__main__':
    main()
