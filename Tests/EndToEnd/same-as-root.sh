#!/bin/sh
# Builds images as root and as an ordinary user, without /etc/subuid unless told otherwise, and compares them file by file: type, owner, mode, device, link,
# attributes, capabilities included, and content. What packages make random is named below; anything else that differs is a failure.
#
#     Tests/EndToEnd/same-as-root.sh [SLIPWAY]
#
# Needs root, Debian's archive, a package index for pip, debootstrap, setpriv and python3.
# Settings: WORK, a folder that is kept (the base is not made again); MIRROR, for debootstrap; ONLY, the names of the images;
# BUILDER, the user by number, such as one with a range in /etc/subuid; APK, the program of apk-tools 3, for the image of that name.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
slipway=$(realpath "${1:-$here/../../.build/release/slipway}")
if [ -n "${WORK:-}" ]; then
	mkdir -p "$WORK"
	work=$(realpath "$WORK")
else
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
fi
chmod 755 "$work"
# A number that no line of /etc/passwd, /etc/subuid or /etc/subgid has.
user=${BUILDER:-61234}
failures=0
mkdir -p "$work/root" "$work/user"
chown $user:$user "$work/user"
# Where everybody can execute it.
cp "$slipway" "$work/slipway"

as_root() { SLIPWAY_ROOT="$work/root/store" "$work/slipway" "$@"; }
as_user() {
	setpriv --reuid $user --regid $user --clear-groups env HOME="$work/user" TMPDIR="$work/user" \
		SLIPWAY_ROOT="$work/user/store" "$work/slipway" "$@"
}

if [ ! -e "$work/base/rootfs.tar" ]; then
	mkdir -p "$work/base"
	debootstrap --variant=minbase bookworm "$work/rootfs" ${MIRROR:+"$MIRROR"} >"$work/debootstrap.log" 2>&1 ||
		{ tail "$work/debootstrap.log"; exit 1; }
	rm -rf "$work"/rootfs/var/cache/apt/archives/*.deb "$work"/rootfs/var/lib/apt/lists/*
	tar --numeric-owner --exclude='./dev/*' --exclude='./proc/*' --exclude='./sys/*' -C "$work/rootfs" -cf "$work/base/rootfs.tar" .
	rm -rf "$work/rootfs"
fi
printf 'FROM scratch\nADD rootfs.tar /\nENV LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive\n' >"$work/base/Dockerfile"
chmod -R a+rX "$work/base"

image() { # NAME [OPTION...]: builds the folder of this name twice, and compares
	name=$1
	shift
	chmod -R a+rX "$work/$name"
	for who in root user; do
		start=$(date +%s)
		"as_$who" build --progress plain --no-cache-filter image -t "$name" -o "type=tar,dest=$work/$who/$name.tar" "$@" "$work/$name" \
			>"$work/$who/$name.log" 2>&1 || { tail -30 "$work/$who/$name.log"; echo "FAILED: $name cannot be built as $who"; exit 1; }
		echo "$name as $who: $(($(date +%s) - start)) s"
	done
	python3 - "$work/root/$name.tar" "$work/user/$name.tar" <<'PYTHON' || failures=$((failures + 1))
import collections, hashlib, re, sys, tarfile

# What programs of the packages write differently each time, and why; for each, how it is told.
RANDOM = [
    (r"etc/ssh/ssh_host_\w+_key(\.pub)?", "keys of openssh-server"),
    (r"etc/ssl/(certs|private)/ssl-cert-snakeoil\.(pem|key)", "the key of ssl-cert"),
    (r"var/lib/dbus/machine-id", "the number of dbus"),
    (r"etc/shadow-?", "the salt of a password that chpasswd sets"),
    (r"var/lib/postgresql/15/main/global/pg_control|var/lib/postgresql/15/main/pg_wal/\w+", "the number and times of a cluster of PostgreSQL"),
    (r"var/lib/postgresql/15/main/pg_stat/pgstat\.stat", "PostgreSQL's statistics, which hold times"),
    (r"var/cache/apt/(src)?pkgcache\.bin", "apt's memory, which holds times"),
    (r"var/cache/ldconfig/aux-cache", "ldconfig's memory of inodes and times"),
    (r"var/log/(alternatives|dpkg|apt/history|apt/term)\.log", "logs with times"),
    (r".*/__pycache__/[^/]+\.pyc", "pip's byte code, which holds the time of its source"),
    (r".*/_speedups\.[^/]+\.so", "a library that pip compiles in a folder with a random name, which debug information holds"),
    (r".*/[Mm]arkup[Ss]afe-[^/]+/RECORD", "the digest of that library"),
    (r"(root|usr/lib|var/lib)/(\.rpmdb|sysimage/rpm|rpm)/.*|packages/.*\.rpm", "rpm's database and packages, which hold times"),
]


def load(path):
    files = {}
    with tarfile.open(path) as archive:
        for member in archive:
            content = hashlib.sha256(archive.extractfile(member).read()).hexdigest() if member.isreg() else None
            attributes = tuple(sorted((k, v) for k, v in member.pax_headers.items() if "xattr" in k))
            files[member.name.removeprefix("./").rstrip("/")] = (
                ("type", member.type), ("mode", oct(member.mode)), ("uid", member.uid), ("gid", member.gid),
                ("link", member.linkname), ("device", (member.devmajor, member.devminor)), ("attributes", attributes),
                ("content", content))
    return files


root, user = load(sys.argv[1]), load(sys.argv[2])
owned = sum(1 for entry in user.values() if entry[2][1] or entry[3][1])
special = sum(1 for entry in user.values() if int(entry[1][1], 8) & 0o6000)
devices = sum(1 for entry in user.values() if entry[0][1] in (tarfile.CHRTYPE, tarfile.BLKTYPE))
capable = sum(1 for entry in user.values() if entry[6][1])
print(f"  {len(user)} files: {owned} of others than root, {special} set-id, {devices} devices, {capable} with attributes")
named, wrong = collections.defaultdict(list), []
for name in sorted(root.keys() | user.keys()):
    if name not in root or name not in user:
        difference = ["only as root" if name in root else "only as the user"]
    else:
        difference = [f"{a[0]}: {a[1]}, {b[1]}" for a, b in zip(root[name], user[name]) if a != b]
    if not difference:
        continue
    # A content is excused; an owner or a mode is not.
    excusable = all(text.startswith("content:") for text in difference)
    reason = next((reason for pattern, reason in RANDOM if re.fullmatch(pattern, name)), None)
    if excusable and reason:
        named[reason].append(name)
    else:
        wrong.append(f"{name}: {'; '.join(difference)}")
for reason, names in named.items():
    print(f"  {len(names)} differ: {reason} ({names[0]}{', …' if len(names) > 1 else ''})")
for line in wrong:
    print(f"  NOT THE SAME {line}")
sys.exit(bool(wrong))
PYTHON
}

wanted() { case " ${ONLY:-$1} " in *" $1 "*) ;; *) return 1 ;; esac; }

for who in root user; do
	"as_$who" build --progress plain -t base "$work/base" >"$work/$who/base.log" 2>&1 ||
		{ tail -30 "$work/$who/base.log"; echo "FAILED: the base cannot be built as $who"; exit 1; }
done

if wanted apt; then
	mkdir -p "$work/apt"
	cat >"$work/apt/Dockerfile" <<'DOCKERFILE'
FROM base AS image
RUN apt-get update && apt-get install -y --no-install-recommends nginx openssh-server postgresql dbus sudo man-db \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/archives/*.deb
DOCKERFILE
	image apt
fi

if wanted users; then
	# The totals of ls are blocks of the disk, which the marks of an overlay count in too.
	mkdir -p "$work/users"
	echo text >"$work/users/config"
	cat >"$work/users/Dockerfile" <<'DOCKERFILE'
FROM base AS image
RUN apt-get update && apt-get install -y --no-install-recommends sudo libcap2-bin \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/archives/*.deb
RUN useradd -m -u 1500 -G www-data app && mkdir -p /opt/app/data && for i in $(seq 1 50); do echo $i > /opt/app/data/f$i; done \
 && ln -s data/f1 /opt/app/link && chown -R app:app /opt/app && chmod 2775 /opt/app/data
COPY --chown=app:www-data --chmod=640 config /opt/app/config
USER app
WORKDIR /opt/app/work
RUN touch mine && mkdir -p deep/er && umask 077 && echo s > secret && sh -c 'set -C; echo x > excl' \
 && [ "$(stat -c '%U:%G %a' /opt/app/config)" = 'app:www-data 640' ] && ! chown root mine 2>/dev/null && chgrp www-data mine
USER root
RUN cp /bin/true /usr/local/bin/p && setcap cap_net_raw+ep /usr/local/bin/p && cp /bin/true /usr/local/bin/lost \
 && setcap cap_chown=eip /usr/local/bin/lost && chown app /usr/local/bin/lost && ! getcap /usr/local/bin/lost | grep cap
RUN mkdir /many && cd /many && for i in $(seq 1 500); do echo $i > f$i; chown $((1000+i)):$((2000+i)) f$i; done \
 && tar cpf /many.tar . && mkdir /out && tar xpf /many.tar -C /out && [ "$(stat -c %u:%g /out/f500)" = 1500:2500 ] \
 && cp -a /out /copy && cp -r /out /plain && rm /many.tar
RUN mkdir -p /devs && cd /devs && mknod null c 1 3 && chmod 666 null && mknod -m 640 sda b 8 0 && chown root:disk sda \
 && mknod fifo p && chown app fifo && [ -c null ] && [ -b sda ] && cp -a sda sda2 && mv null zero && mkdir /dev2 && mknod /dev2/tty c 5 0
RUN sudo -u app touch /tmp/byapp && su app -c 'touch /tmp/bysu' && runuser -u www-data -- touch /tmp/byrunuser \
 && echo app:pw | chpasswd && usermod -aG adm app && groupadd -g 3000 gg && passwd -l app && userdel games \
 && chown --from=app:app root:root /opt/app/data/f2 && find / -xdev -user app | sort > /found && ls -lnR /opt /home /usr/local --time-style=+ | grep -v ^total > /listing
DOCKERFILE
	image users
fi

if wanted pip; then
	mkdir -p "$work/pip"
	cat >"$work/pip/Dockerfile" <<'DOCKERFILE'
FROM base AS image
RUN apt-get update && apt-get install -y --no-install-recommends python3-venv python3-dev gcc libc6-dev \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/archives/*.deb
RUN useradd -m app
USER app
WORKDIR /home/app
RUN python3 -m venv env
RUN --mount=type=secret,id=certificates,target=/etc/ssl/certs/ca-certificates.crt,mode=0444 \
    --mount=type=secret,id=pip,target=/etc/pip.conf,mode=0444 \
    env/bin/pip install --no-cache-dir --cert /etc/ssl/certs/ca-certificates.crt numpy==2.2.0 lxml==5.3.0 cryptography==44.0.0 pyyaml==6.0.2 flask==3.1.0 \
 && env/bin/pip install --no-cache-dir --cert /etc/ssl/certs/ca-certificates.crt --force-reinstall --no-binary markupsafe markupsafe==3.0.2
RUN env/bin/python -c 'import numpy, lxml.etree, cryptography.hazmat.bindings._rust, yaml, flask, markupsafe._speedups'
USER root
RUN chown -R www-data:www-data /home/app/env/lib/python3.11/site-packages/flask
DOCKERFILE
	touch "$work/pip.conf"
	if [ -e /etc/pip.conf ]; then cp /etc/pip.conf "$work/pip.conf"; fi
	image pip --secret "id=pip,src=$work/pip.conf" --secret id=certificates,src=/etc/ssl/certs/ca-certificates.crt
fi

if wanted npm; then
	mkdir -p "$work/npm"
	# Packages as Debian has them, put into archives: what npm does with an archive is the same wherever it comes from.
	cat >"$work/npm/Dockerfile" <<'DOCKERFILE'
FROM base AS image
RUN apt-get update && apt-get install -y --no-install-recommends npm \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/archives/*.deb
WORKDIR /packages
RUN for name in ms yallist wrappy once which isexe; do npm pack --silent /usr/share/nodejs/$name; done && rm -rf ~/.npm
RUN npm install --global --offline --no-audit --no-fund ./which-*.tgz ./isexe-*.tgz ./yallist-*.tgz && node-which node && rm -rf ~/.npm
RUN useradd -m app && mkdir /srv/app && chown app:app /srv/app
USER app
WORKDIR /srv/app
RUN npm init -y && npm install --offline --no-audit --no-fund /packages/ms-*.tgz /packages/once-*.tgz /packages/wrappy-*.tgz /packages/which-*.tgz /packages/isexe-*.tgz \
 && node -e 'require("ms"); require("once"); require("which")' && rm -rf ~/.npm
USER root
RUN chown -R www-data:www-data /srv/app/node_modules/ms
DOCKERFILE
	image npm
fi

if wanted rpm; then
	mkdir -p "$work/rpm"
	cat >"$work/rpm/Dockerfile" <<'DOCKERFILE'
FROM base AS image
RUN apt-get update && apt-get install -y --no-install-recommends rpm libcap2-bin && rm -rf /var/lib/apt/lists/* /var/cache/apt/archives/*.deb
COPY <<'SPEC' /packages/web.spec
Name: web
Version: 1
Release: 1
Summary: A package with owners
License: MIT
AutoReqProv: no
%define _build_id_links none
%description
%{summary}.
%install
cd %{buildroot} && mkdir -p usr/bin etc/web var/lib/web/many run/web
cp /bin/true usr/bin/set && cp /bin/true usr/bin/raw && echo text >etc/web/conf && ln etc/web/conf etc/web/hard && ln -s many var/lib/web/link
for i in $(seq 1 300); do echo $i >var/lib/web/many/$i; done
%pre
getent group web >/dev/null || groupadd -r -g 400 web
getent passwd web >/dev/null || useradd -r -u 400 -g web -d /var/lib/web web
%post
chown -R web:web /var/lib/web/many/1* && su web -s /bin/sh -c 'id -u >/var/lib/web/who'
%files
%attr(4755,root,web) /usr/bin/set
%caps(cap_net_raw=ep) %attr(755,root,root) /usr/bin/raw
%attr(640,root,web) %config(noreplace) /etc/web/conf
%attr(640,root,web) %config(noreplace) /etc/web/hard
%dir %attr(2770,web,web) /var/lib/web
%attr(-,www-data,mail) /var/lib/web/many
%attr(-,web,web) /var/lib/web/link
%attr(755,web,web) /run/web
SPEC
RUN cd /packages && groupadd -g 400 web && useradd -u 400 -g web web && rpmbuild -bb --define '_rpmdir /packages' web.spec && userdel web; rm -rf /root/rpmbuild
RUN rpm -i --nodeps /packages/*/web-1-1.*.rpm && [ "$(stat -c %U:%G:%a /usr/bin/set)" = root:web:4755 ] && [ "$(cat /var/lib/web/who)" = 400 ]
RUN rpm -V --nodeps web > /verified; getcap /usr/bin/raw >> /verified; cat /verified
RUN rpm -i --nodeps --replacepkgs /packages/*/web-1-1.*.rpm && chown -R root:adm /var/lib/web/many && rpm -V --nodeps web | sort > /verified2 || true
RUN rpm -e web; ls -lnR --time-style=+ /var/lib /etc | grep -v ^total > /left
RUN rpm -i --nodeps /packages/*/web-1-1.*.rpm
DOCKERFILE
	image rpm
fi

if [ -n "${APK:-}" ] && wanted apk; then
	rm -rf "$work/apk"
	root=$work/apk/root
	mkdir -p "$root/usr/bin" "$root/usr/lib" "$root/bin" "$work/apk/repository"
	cp "$APK" "$root/usr/bin/apk"
	cp /bin/busybox "$root/bin/busybox"
	ldd "$APK" | grep -o '/[^ ]*' | while read -r library; do
		case $library in
		*/ld-linux*) mkdir -p "$root$(dirname "$library")" && cp -L "$library" "$root$library" ;;
		*) cp -L "$library" "$root/usr/lib/" ;;
		esac
	done
	# No packages of others are at hand; these have what packages have. They are made where their owners have names.
	cp -a "$root" "$work/apk/make"
	mkdir -p "$work/apk/make/etc" "$work/apk/make/out" "$work/apk/make/web/usr/bin"
	{ printf 'root:x:0:0::/root:/bin/sh\nmail:x:8:12::/:/bin/false\n' && seq 1001 1500 | sed 's/.*/u&:x:&:&::\/:\/bin\/false/'; } >"$work/apk/make/etc/passwd"
	{ printf 'root:x:0:\nmail:x:12:\nshadow:x:42:\n' && seq 1001 1500 | sed 's/.*/g&:x:&:/'; } >"$work/apk/make/etc/group"
	cat >"$work/apk/make/make.sh" <<'SCRIPT'
/bin/busybox --install -s /bin
export PATH=/bin:/usr/bin
mkdir -p layout/etc layout/var/mail layout/tmp layout/srv/many web/etc/web web/var/lib/web/data
cp etc/passwd etc/group layout/etc/ && echo 'root:*::0:::::' >layout/etc/shadow && chgrp shadow layout/etc/shadow && chmod 640 layout/etc/shadow
chmod 1777 layout/tmp && chown :mail layout/var/mail && chmod 2775 layout/var/mail
for i in $(seq 1001 1500); do echo $i >layout/srv/many/$i && chown u$i:g$i layout/srv/many/$i; done
printf 'web:x:100:101::/var/lib/web:/bin/sh\n' >>etc/passwd && printf 'web:x:101:\n' >>etc/group
cp bin/busybox web/usr/bin/set && chmod 4755 web/usr/bin/set
echo text >web/etc/web/conf && chgrp web web/etc/web/conf && chmod 640 web/etc/web/conf && ln web/etc/web/conf web/etc/web/hard
ln -s data web/var/lib/web/link && chown -h web:web web/var/lib/web/link && chown web:web web/var/lib/web web/var/lib/web/data && chmod 2750 web/var/lib/web
cat >web.pre <<'END'
#!/bin/sh
grep -q ^web: /etc/passwd || { echo 'web:x:100:101::/var/lib/web:/bin/sh' >>/etc/passwd; echo 'web:x:101:' >>/etc/group; }
END
cat >web.post <<'END'
#!/bin/sh
set -e
mkdir -p /var/lib/web/run && chown web:web /var/lib/web/run && chmod 2770 /var/lib/web/run && touch /var/lib/web/run/pid
chown web /var/lib/web/run/pid && [ -e /var/lib/web/pipe ] || mkfifo /var/lib/web/pipe && chown web /var/lib/web/pipe
[ -e /var/lib/web/null ] || mknod /var/lib/web/null c 1 3 && chmod 666 /var/lib/web/null
su web -s /bin/sh -c 'id -u >/var/lib/web/data/who && touch /var/lib/web/data/mine'
END
printf '#!/bin/sh\necho "$@" >>/var/lib/triggered\n' >web.trigger
pack() { name=$1 && shift && apk mkpkg -F $name -I name:$name -I version:1.0-r0 -I arch:x86_64 -I description:$name -I license:MIT "$@" -o out/$name-1.0-r0.apk; }
set -e
pack layout
pack web -I depends:layout -s pre-install:web.pre -s post-install:web.post -s trigger:web.trigger -t '/srv/*'
apk mkndx --allow-untrusted -o out/index.adb out/*.apk
SCRIPT
	cp /bin/busybox "$work/apk/make/web/usr/bin/raw"
	setcap cap_net_raw+ep "$work/apk/make/web/usr/bin/raw"
	LD_LIBRARY_PATH=/usr/lib chroot "$work/apk/make" /bin/busybox sh make.sh
	cp "$work/apk/make/out"/* "$work/apk/repository/"
	rm -rf "$work/apk/make"
	cat >"$work/apk/Dockerfile" <<'DOCKERFILE'
FROM scratch AS image
COPY root /
ENV LD_LIBRARY_PATH=/usr/lib APK="apk --allow-untrusted --no-cache --no-logfile --arch x86_64 --repository /packages/index.adb"
RUN ["/bin/busybox", "sh", "-c", "/bin/busybox mkdir -p /sbin /usr/sbin && /bin/busybox --install -s"]
RUN --mount=source=repository,target=/packages $APK add --initdb layout
RUN --mount=source=repository,target=/packages $APK add web && [ "$(stat -c %U:%G:%a /etc/web/conf)" = root:web:640 ] && [ "$(cat /var/lib/web/data/who)" = 100 ]
RUN cp -a /srv/many /srv/copy && apk audit --system --check-permissions > /audit
RUN --mount=source=repository,target=/packages $APK fix --reinstall web && chown -R web:web /srv/many && $APK info -vv > /packages.list
DOCKERFILE
	image apk
fi

[ "$failures" -eq 0 ] || { echo "FAILED: $failures images differ"; exit 1; }
echo "the same as root's"
