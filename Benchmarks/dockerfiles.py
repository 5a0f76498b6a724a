#!/usr/bin/env python3
"""Makes up Dockerfiles as projects have them, always the same ones: dockerfiles.py FOLDER COUNT"""
import os, random, sys

folder, count = sys.argv[1], int(sys.argv[2])
# The generator of Python is specified, and a seed gives the same files everywhere.
chance = random.Random(20240229)
pick = chance.choice

BASES = [
    "debian:12", "debian:bookworm-slim", "ubuntu", "ubuntu:22.04", "ubuntu:latest", "alpine:3.21", "alpine",
    "node:22-slim", "node:20-alpine", "python:3.13-slim", "python:3", "golang:1.24", "centos:7", "fedora:41",
    "registry.example.com/team/base:4.2", "rust:1.84", "openjdk:17-jdk", "php:8.3-fpm", "${BASE}:${TAG}",
]
WORDS = [
    "curl", "git", "make", "gcc", "ca-certificates", "libssl-dev", "zlib1g-dev", "unzip", "wget", "gnupg", "jq",
    "python3-pip", "nginx", "postgresql-client", "vim", "build-essential", "pkg-config", "tzdata", "locales", "bash",
]
NAMES = ["app", "web", "api", "worker", "server", "client", "tools", "service", "proxy", "batch"]


def some(words, least, most):
    return chance.sample(words, chance.randint(least, most))


def apt():
    flags = pick(["-y", "-y --no-install-recommends", "-qq -y", ""])
    versions = [word + pick(["", "", "", "=1.2.*"]) for word in some(WORDS, 1, 9)]
    end = pick([" \\\n && rm -rf /var/lib/apt/lists/*", " \\\n && apt-get clean", ""])
    return f"RUN apt-get update \\\n && apt-get install {flags} \\\n      " + " \\\n      ".join(versions) + end


def commands():
    name = pick(NAMES)
    version = f"{chance.randint(0, 9)}.{chance.randint(0, 20)}.{chance.randint(0, 9)}"
    return pick([
        f"RUN curl -fsSL https://example.com/{name}-{version}.tar.gz | tar -xz -C /opt \\\n && ln -s /opt/{name}-{version} /opt/{name}",
        f"RUN wget https://example.com/{name}.zip && unzip {name}.zip && rm {name}.zip",
        f"RUN pip install {pick(['', '--no-cache-dir '])}{name}=={version} requests",
        "RUN pip3 install -r requirements.txt",
        f"RUN npm {pick(['ci --omit=dev', 'install', 'install -g yarn', f'install -g {name}@{version}'])}",
        "RUN yarn install --frozen-lockfile && yarn cache clean",
        f"RUN apk add {pick(['--no-cache ', ''])}" + " ".join(some(WORDS, 1, 6)),
        f"RUN yum install -y {' '.join(some(WORDS, 1, 5))} && yum clean all",
        f"RUN cd /srv/{name} && ./configure --prefix=/usr/local && make -j\"$(nproc)\" && make install",
        f"RUN groupadd -r {name} && useradd -r -g {name} -d /home/{name} {name} && mkdir -p /home/{name} && chown -R {name}:{name} /home/{name}",
        f"RUN set -eux; \\\n    for file in /etc/{name}/*.conf; do \\\n        sed -i 's/^listen .*/listen 8080/' \"$file\"; \\\n    done; \\\n    if [ -n \"$DEBUG\" ]; then echo debug >> /etc/{name}/main.conf; fi",
        f"RUN --mount=type=cache,target=/root/.cache/go-build go build -o /out/{name} ./cmd/{name}",
        f"RUN sudo chmod +x /usr/local/bin/{name}",
        "RUN echo 'deb http://deb.example.com/debian bookworm main' > /etc/apt/sources.list.d/extra.list",
        # The blank line behind it: without, hadolint refuses the whole file, and has less to do.
        f"RUN <<EOF\nset -e\nmkdir -p /var/lib/{name}\necho {version} > /var/lib/{name}/version\nEOF\n",
    ])


def instruction():
    name = pick(NAMES)
    return pick([
        apt, commands, commands, commands, commands,
        lambda: f"COPY {pick(['--chown=1000:1000 ', ''])}{name} /srv/{name}/",
        lambda: "COPY package.json package-lock.json ./",
        lambda: "COPY . .",
        lambda: f"ADD {pick(['https://example.com/a.tgz', 'config', 'rootfs.tar.gz'])} /opt/",
        lambda: f"ENV {name.upper()}_HOME=/srv/{name} \\\n    PATH=/srv/{name}/bin:$PATH",
        lambda: f"ENV {name.upper()} {chance.randint(1, 99)}",
        lambda: f"ARG {name.upper()}_VERSION={chance.randint(1, 9)}.{chance.randint(0, 20)}",
        lambda: f"LABEL org.opencontainers.image.title=\"{name}\" org.opencontainers.image.version=\"1.0\"",
        lambda: f"WORKDIR {pick(['/', ''])}srv/{name}",
        lambda: f"EXPOSE {chance.randint(1, 9999)}{pick(['', '/udp', ' 443'])}",
        lambda: f"VOLUME [\"/var/lib/{name}\"]",
        lambda: f"# {name}: see the manual",
        lambda: "",
        lambda: f"USER {pick(['root', 'nobody', '1000', name])}",
    ])()


def dockerfile():
    lines = []
    if chance.random() < 0.2:
        lines.append("# syntax=docker/dockerfile:1")
    if chance.random() < 0.2:
        lines += ["ARG BASE=debian", "ARG TAG=12"]
    stages = pick([1, 1, 1, 2, 3])
    for stage in range(stages):
        name = f" AS {pick(NAMES)}{stage}" if stage < stages - 1 else ""
        lines.append(f"FROM {pick(BASES)}{name}")
        if chance.random() < 0.1:
            lines.append("MAINTAINER Some Body <some.body@example.com>")
        lines += [instruction() for _ in range(chance.randint(3, 22 // stages))]
    lines.append(pick([
        'CMD ["/srv/app/bin/run"]', "CMD npm start", 'ENTRYPOINT ["/entrypoint.sh"]',
        "HEALTHCHECK --interval=30s CMD curl -f http://localhost/ || exit 1", "CMD nginx -g 'daemon off;'",
    ]))
    return "\n".join(lines) + "\n"


os.makedirs(folder, exist_ok=True)
for number in range(count):
    with open(os.path.join(folder, f"{number:04}.Dockerfile"), "w") as file:
        file.write(dockerfile())
