"""Reads container images as files, and compares two of them: configuration, history and every file.

An image is an OCI layout (a folder or a tar) or an archive of `docker save`. While it is read its digests, sizes, diff ids and the
shape of its layers are checked; what is wrong with it is in `Image.faults`.
"""
import gzip
import hashlib
import io
import json
import os
import posixpath
import subprocess
import tarfile
import threading

KINDS = {
    tarfile.REGTYPE: "file", tarfile.AREGTYPE: "file", tarfile.CONTTYPE: "file", tarfile.DIRTYPE: "folder",
    tarfile.SYMTYPE: "link", tarfile.FIFOTYPE: "fifo", tarfile.CHRTYPE: "character device", tarfile.BLKTYPE: "block device",
}
XATTR = "SCHILY.xattr."


class BadImage(Exception):
    pass


class Blobs:
    """The members of a folder or a tar, by name."""

    def __init__(self, path):
        self.path = path
        self.tar = None
        if os.path.isdir(path):
            self.names = {
                posixpath.join(os.path.relpath(root, path), name).removeprefix("./")
                for root, _, names in os.walk(path) for name in names}
        else:
            self.tar = tarfile.open(path, "r:*")
            self.members = {posixpath.normpath(member.name): member for member in self.tar.getmembers()}
            self.names = set(self.members)

    def read(self, name):
        if name not in self.names:
            raise BadImage(f"{name} is missing")
        if self.tar is None:
            with open(os.path.join(self.path, name), "rb") as file:
                return file.read()
        # docker save has layers that are links to others.
        seen = set()
        while self.members[name].issym() or self.members[name].islnk():
            member = self.members[name]
            folder = "" if member.islnk() else posixpath.dirname(name)
            name = posixpath.normpath(posixpath.join(folder, member.linkname))
            if name in seen or name not in self.members:
                raise BadImage(f"{name} is missing")
            seen.add(name)
        return self.tar.extractfile(self.members[name]).read()

    def close(self):
        if self.tar:
            self.tar.close()


class Image:
    """An image's configuration, its layers as entries, and its files as a map from path to entry."""

    def __init__(self, path, reference=None, platform=None):
        self.faults = []
        blobs = Blobs(path)
        try:
            # Layouts of `docker save` before its version 25 have a manifest.json only.
            if "index.json" in blobs.names:
                config, layers = self._read_layout(blobs, reference, platform)
            elif "manifest.json" in blobs.names:
                config, layers = self._read_archive(blobs)
            else:
                raise BadImage("neither an OCI layout nor an archive of docker save")
        finally:
            blobs.close()
        self.config = config
        diff_ids = ["sha256:" + hashlib.sha256(data).hexdigest() for data in layers]
        self.layers = [
            self._entries(number, data, diff_id) for number, (data, diff_id) in enumerate(zip(layers, diff_ids))]
        if diff_ids != (config["rootfs"].get("diff_ids") or []):
            self.faults.append("the diff ids are not those of the layers")
        history = config.get("history") or []
        if history and sum(not entry.get("empty_layer", False) for entry in history) != len(layers):
            self.faults.append("the history has another number of layers than the image")
        self.files = self._merge()

    # Manifests

    def _blob(self, blobs, descriptor):
        algorithm, _, value = descriptor["digest"].partition(":")
        data = blobs.read(f"blobs/{algorithm}/{value}")
        if hashlib.new(algorithm, data).hexdigest() != value:
            self.faults.append(f"{descriptor['digest']} has other bytes")
        if len(data) != descriptor["size"]:
            self.faults.append(f"{descriptor['digest']} has another size")
        return data

    def _read_layout(self, blobs, reference, platform):
        document = json.loads(blobs.read("index.json"))
        for _ in range(4):
            if "manifests" not in document:
                break
            candidates = [
                entry for entry in document["manifests"]
                if entry.get("platform", {}).get("architecture") != "unknown"
                and (platform is None or "platform" not in entry or platform == self._platform(entry["platform"]))]
            if reference is not None:
                named = [
                    entry for entry in candidates
                    if reference in (entry.get("annotations") or {}).values()]
                candidates = named or candidates
            if not candidates:
                raise BadImage("no manifest")
            document = json.loads(self._blob(blobs, candidates[0]))
        if not isinstance(document.get("layers"), list):
            # BuildKit writes null for an image without layers.
            document["layers"] = []
        config = json.loads(self._blob(blobs, document["config"]))
        return config, [unpacked(self._blob(blobs, layer)) for layer in document["layers"]]

    @staticmethod
    def _platform(platform):
        parts = [platform["os"], platform["architecture"], platform.get("variant")]
        return "/".join(part for part in parts if part)

    def _read_archive(self, blobs):
        entry = json.loads(blobs.read("manifest.json"))[0]
        return json.loads(blobs.read(entry["Config"])), [unpacked(blobs.read(name)) for name in entry["Layers"] or []]

    # Layers

    def _entries(self, number, data, diff_id):
        """The entries of a layer in their order, and what is wrong with their shape."""
        if len(data) < 1 << 20:
            entries, faults = entries_of(data)
        else:
            with cache_lock:
                if diff_id not in cache:
                    if len(cache) > 3:
                        cache.clear()
                    cache[diff_id] = entries_of(data)
                entries, faults = cache[diff_id]
        self.faults += [f"layer {number}: {fault}" for fault in faults]
        return [dict(entry) for entry in entries]

    def _merge(self):
        """The files that the layers come to. Hard links share one entry object."""
        files = {}
        for number, entries in enumerate(self.layers):
            below = set(files)
            added = set()
            for entry in entries:
                folder, name = posixpath.split(entry["path"])
                if name == ".wh..wh..opq":
                    remove(files, folder, keeping=added, itself=False)
                elif name.startswith(".wh."):
                    path = posixpath.join(folder, name[len(".wh."):])
                    if path not in below:
                        self.faults.append(f"layer {number}: {path} is removed, but was not there")
                    remove(files, path, keeping=added)
            for entry in entries:
                folder, name = posixpath.split(entry["path"])
                if name.startswith(".wh."):
                    continue
                if folder and files.get(folder, {}).get("kind") != "folder":
                    self.faults.append(f"layer {number}: {entry['path']} has no folder")
                added.add(entry["path"])
                if entry["kind"] == "hard link":
                    target = files.get(entry["target"])
                    if target is None:
                        self.faults.append(f"layer {number}: {entry['path']} is a hard link to nothing")
                        continue
                    if entry["target"] not in added:
                        self.faults.append(f"layer {number}: {entry['path']} is a hard link into another layer")
                    files[entry["path"]] = target
                    continue
                if entry["kind"] != "folder" and files.get(entry["path"], {}).get("kind") == "folder":
                    remove(files, entry["path"], keeping=added, itself=False)
                files[entry["path"]] = entry
        return files

    def described(self):
        """What is compared, as JSON."""
        groups = {}
        for path, entry in self.files.items():
            groups.setdefault(id(entry), []).append(path)
        files = {}
        for path in sorted(self.files):
            entry = {key: value for key, value in self.files[path].items() if key != "path"}
            group = sorted(groups[id(self.files[path])])
            if len(group) > 1:
                entry["names"] = group
            files[path] = entry
        return {"config": self.config, "layers": len(self.layers), "files": files, "faults": self.faults}


# The large layers read last, by their diff ids: those of a base come again with every image.
cache = {}
cache_lock = threading.Lock()


def entries_of(data):
    """The entries of a tar in their order, and what is wrong with them."""
    entries = []
    faults = []
    seen = set()
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:", encoding="utf-8", errors="surrogateescape") as tar:
        for member in tar:
            path = posixpath.normpath(member.name)
            if path.startswith("/") or path.split("/")[0] == "..":
                faults.append(f"{path} is not below the root")
                path = path.lstrip("/")
            if path == ".":
                continue
            if path in seen:
                faults.append(f"{path} is there twice")
            seen.add(path)
            xattrs = {
                name[len(XATTR):]: value.encode("utf-8", "surrogateescape").hex()
                for name, value in member.pax_headers.items() if name.startswith(XATTR)}
            entry = {
                "path": path, "kind": KINDS.get(member.type), "mode": member.mode & 0o7777,
                "owner": [member.uid, member.gid], "modified": int(member.mtime), "xattrs": xattrs}
            if member.islnk():
                entry["kind"] = "hard link"
                entry["target"] = posixpath.normpath(member.linkname).lstrip("/")
            elif member.issym():
                entry["target"] = member.linkname
            elif member.ischr() or member.isblk():
                entry["device"] = [member.devmajor, member.devminor]
            elif entry["kind"] == "file":
                content = tar.extractfile(member).read()
                entry["size"] = len(content)
                entry["content"] = hashlib.sha256(content).hexdigest()
            if entry["kind"] is None:
                faults.append(f"{path} has the unknown type {member.type!r}")
            entries.append(entry)
    return entries, faults


def remove(files, path, keeping, itself=True):
    for other in [path] * itself + [other for other in files if other.startswith(path + "/" if path else "")]:
        if other not in keeping:
            files.pop(other, None)


def unpacked(data):
    if data[:2] == b"\x1f\x8b":
        return gzip.decompress(data)
    if data[:4] == b"\x28\xb5\x2f\xfd":
        return subprocess.run(["zstd", "-dc"], input=data, capture_output=True, check=True).stdout
    return data


def differences(left, right, built_after):
    """What differs between two descriptions, one line each: where, then left -> right.

    A time that is not before `built_after` (left, right: seconds since 1970) is the build's own, and equal to any such time.
    """
    lines = []
    ignored = {"created", "rootfs", "history", "moby.buildkit.buildinfo.v1"}

    def walk(where, one, other):
        if isinstance(one, dict) and isinstance(other, dict):
            for key in sorted(set(one) | set(other)):
                walk(f"{where}.{key}", one.get(key), other.get(key))
        elif one != other and (one or other):
            lines.append(f"{where}: {short(one)} -> {short(other)}")

    for key in sorted((set(left["config"]) | set(right["config"])) - ignored):
        walk(f"config {key}" if key != "config" else "config", left["config"].get(key), right["config"].get(key))
    histories = [described["config"].get("history") or [] for described in (left, right)]
    for number in range(max(map(len, histories))):
        texts = []
        for history in histories:
            entry = history[number] if number < len(history) else {}
            kind = "nothing" if not entry else "no layer" if entry.get("empty_layer") else "layer"
            texts.append(f"{kind}, {entry.get('created_by', '')!r}")
        if texts[0] != texts[1]:
            lines.append(f"history {number}: {texts[0]} -> {texts[1]}")
    if left["layers"] != right["layers"]:
        lines.append(f"layers: {left['layers']} -> {right['layers']}")
    for path in sorted(set(left["files"]) | set(right["files"])):
        one, other = left["files"].get(path), right["files"].get(path)
        shown = "/" + path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
        if one is None or other is None:
            there = (one or other)["kind"]
            lines.append(f"{shown}: {there if one else 'nothing'} -> {there if other else 'nothing'}")
            continue
        for key in sorted((set(one) | set(other)) - {"modified"}):
            if one.get(key) != other.get(key):
                lines.append(f"{shown} {key}: {value(key, one)} -> {value(key, other)}")
        times = one["modified"], other["modified"]
        if times[0] != times[1] and not all(time >= start for time, start in zip(times, built_after)):
            lines.append(f"{shown} modified: {times[0]} -> {times[1]}")
    return lines


def value(key, entry):
    found = entry.get(key)
    return f"{found:o}" if key == "mode" and found is not None else short(found)


def short(value):
    text = "nothing" if value is None else json.dumps(value, ensure_ascii=True)
    return text if len(text) <= 160 else text[:157] + "..."
