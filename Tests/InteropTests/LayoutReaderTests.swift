import TestSupport
import Testing

/// The store is an OCI image layout to somebody who knows the specification and nothing else: a reader in Python that has been
/// written from image-layout.md, descriptor.md, image-index.md, manifest.md and config.md.
@Suite(
  "A reader of the specification opens the store",
  .enabled(if: Processes.slipway != nil, "the program has not been built"),
  .enabled(if: Processes.find("python3") != nil, "python3 is not installed"),
  .enabled(if: DockerRegistry.isInstalled, "docker-registry is not installed"))
struct LayoutReaderTests {
  /// Reads all of a layout, and prints a line for each image: its name, digest, platform and number of layers. It has no word of what
  /// is beside the layout in the folder, and stops at the first thing that is not as the specification wants it.
  private static let reader = #"""
    import gzip, hashlib, io, json, os, re, sys, tarfile
    root = sys.argv[1]
    class Wrong(Exception): pass
    def need(condition, what):
        if not condition: raise Wrong(what)
    def document(path):
        def pairs(members):
            need(len({key for key, _ in members}) == len(members), path + ': a member stands twice')
            return dict(members)
        with open(path, 'rb') as file: return json.loads(file.read().decode('utf-8'), object_pairs_hook=pairs)
    digest = re.compile(r'[a-z0-9]+(?:[+._-][a-z0-9]+)*:[a-zA-Z0-9=_-]+')
    media = re.compile(r'[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}')
    reference = re.compile(r'[A-Za-z0-9]+(?:(?:[-._:@+]|--)[A-Za-z0-9]+)*(?:/[A-Za-z0-9]+(?:(?:[-._:@+]|--)[A-Za-z0-9]+)*)*')
    INDEX, MANIFEST = 'application/vnd.oci.image.index.v1+json', 'application/vnd.oci.image.manifest.v1+json'
    def blob(descriptor, kind):
        for key, type_ in (('mediaType', str), ('digest', str), ('size', int)):
            need(isinstance(descriptor.get(key), type_), '%s: no %s' % (kind, key))
        need(media.fullmatch(descriptor['mediaType']), descriptor['mediaType'] + ' is no media type')
        need(digest.fullmatch(descriptor['digest']), descriptor['digest'] + ' is no digest')
        for key, value in descriptor.get('annotations', {}).items(): need(isinstance(value, str), key + ' is no text')
        algorithm, encoded = descriptor['digest'].split(':')
        path = os.path.join(root, 'blobs', algorithm, encoded)
        need(os.path.isfile(path), '%s %s is missing' % (kind, descriptor['digest']))
        with open(path, 'rb') as file: content = file.read()
        need(len(content) == descriptor['size'], descriptor['digest'] + ' has another size')
        need(hashlib.new(algorithm, content).hexdigest() == encoded, descriptor['digest'] + ' has another content')
        return content, path
    def layer(descriptor):
        content, _ = blob(descriptor, 'layer')
        type_ = descriptor['mediaType']
        if type_.endswith('gzip'): content = gzip.decompress(content)
        elif type_.endswith('zstd'): return None
        tarfile.open(fileobj=io.BytesIO(content)).getmembers()
        return 'sha256:' + hashlib.sha256(content).hexdigest()
    def image(descriptor, name):
        _, path = blob(descriptor, 'manifest')
        manifest = document(path)
        need(manifest['schemaVersion'] == 2, 'schemaVersion')
        need(manifest.get('mediaType', descriptor['mediaType']) == descriptor['mediaType'], 'a manifest of another type')
        _, path = blob(manifest['config'], 'config')
        if 'subject' in manifest: return print('artifact', manifest.get('artifactType'))
        config = document(path)
        found = [layer(each) for each in manifest['layers']]
        ids = config['rootfs']['diff_ids']
        need(config['rootfs']['type'] == 'layers' and len(ids) == len(found), 'rootfs')
        for known, expected in zip(found, ids): need(known in (None, expected), 'a layer of another diff id')
        need(sum(not each.get('empty_layer') for each in config.get('history', [])) in (0, len(ids)), 'history')
        platform = config['os'] + '/' + config['architecture']
        wanted = descriptor.get('platform')
        need(not wanted or wanted['os'] + '/' + wanted['architecture'] == platform, 'platform')
        print('image', name, descriptor['digest'], platform, len(found))
    def walk(descriptor, name):
        if descriptor['mediaType'] != INDEX:
            need(descriptor['mediaType'] == MANIFEST, descriptor['mediaType'])
            return image(descriptor, name)
        _, path = blob(descriptor, 'index')
        index = document(path)
        need(index['schemaVersion'] == 2 and index.get('mediaType', INDEX) == INDEX, 'index')
        for child in index['manifests']: walk(child, name)
    marker = document(root + '/oci-layout')
    need(marker['imageLayoutVersion'] == '1.0.0', 'oci-layout')
    index = document(root + '/index.json')
    need(index['schemaVersion'] == 2, 'index.json')
    names = [each.get('annotations', {}).get('org.opencontainers.image.ref.name') for each in index['manifests']]
    names = [name for name in names if name is not None]
    need(len(set(names)) == len(names), 'a reference stands for several images')
    for name in names: need(reference.fullmatch(name), name + ' is no reference')
    for entry in index['manifests']: walk(entry, entry.get('annotations', {}).get('org.opencontainers.image.ref.name', '-'))
    for name in os.listdir(root + '/blobs'): need(os.path.isdir(root + '/blobs/' + name), 'blobs/' + name + ' is no folder')
    for name in os.listdir(root + '/blobs/sha256'):
        with open(root + '/blobs/sha256/' + name, 'rb') as file:
            need(hashlib.sha256(file.read()).hexdigest() == name, name + ' has another content')
    """#

  private struct Shop {
    let folder: String
    let program: String

    func run(_ program: String, _ arguments: [String], root: String = "store") throws -> ProcessResult {
      try Processes.run(
        program, arguments,
        environment: [
          "HOME": folder + "/home", "SLIPWAY_ROOT": folder + "/" + root, "XDG_CONFIG_HOME": nil,
          "DOCKER_CONFIG": nil, "REGISTRY_AUTH_FILE": nil, "SOURCE_DATE_EPOCH": "1700000000",
          "SLIPWAY_REGISTRY_MIRRORS": "", "http_proxy": nil, "HTTP_PROXY": nil, "https_proxy": nil,
          "HTTPS_PROXY": nil, "ALL_PROXY": nil, "all_proxy": nil,
        ], folder: folder)
    }

    func slipway(_ arguments: String..., root: String = "store") throws {
      let result = try run(program, arguments, root: root)
      #expect(result.status == 0, "\(arguments): \(result.errorText)")
    }

    /// What the reader makes of the store, sorted.
    func read() throws -> [String] {
      try Files.write(Array(LayoutReaderTests.reader.utf8), to: folder + "/reader.py")
      let result = try run("python3", ["reader.py", folder + "/store"])
      #expect(result.status == 0, "\(result.errorText)")
      return result.outputText.split(separator: "\n").map(String.init).sorted()
    }

    /// The names, each with the platforms that are read under it.
    func names() throws -> [String] {
      try read().map { line in
        let words = line.split(separator: " ")
        return words.count == 5 ? "\(words[1]) \(words[3])" : line
      }.sorted()
    }
  }

  private func withShop(_ body: (Shop) throws -> Void) throws {
    let program = try #require(Processes.slipway)
    try Files.withTemporaryFolder { folder in
      try Files.write(
        Array("FROM scratch\nARG TARGETARCH\nCOPY Dockerfile /$TARGETARCH\nCOPY f /f\nLABEL a=b\n".utf8),
        to: folder + "/c/Dockerfile")
      try Files.write(Array("content\n".utf8), to: folder + "/c/f")
      try Files.createFolder(folder + "/home")
      try body(Shop(folder: folder, program: program))
    }
  }

  @Test(
    "After build, tag, pull, load and rmi, for one platform and for several, it finds every image and nothing wrong"
  )
  func everything() throws {
    try withShop { shop in
      let registry = try DockerRegistry(shop.folder + "/registry")
      let remote = registry.authority + "/team/multi:1"
      try shop.slipway("build", "-q", "-t", "one:1", "c")
      try shop.slipway("build", "-q", "-t", "two:1", "--platform", "linux/amd64,linux/arm64", "c")
      #expect(try shop.names() == ["one:1 linux/amd64", "two:1 linux/amd64", "two:1 linux/arm64"])
      try shop.slipway("tag", "one:1", "example.org/team/one:1")
      try shop.slipway("tag", "two:1", remote)
      try shop.slipway("push", "-q", "--all-platforms", remote)
      try shop.slipway("rmi", remote)
      try shop.slipway("save", "-o", "one.tar", "one:1")
      try shop.slipway("rmi", "one:1", "two:1")
      #expect(try shop.names() == ["example.org/team/one:1 linux/amd64"])
      try shop.slipway("pull", "-q", "--all-platforms", remote)
      try shop.slipway("load", "-q", "-i", "one.tar", "-t", "again:2")
      #expect(
        try shop.names() == [
          "\(remote) linux/amd64", "\(remote) linux/arm64", "again:2 linux/amd64",
          "example.org/team/one:1 linux/amd64", "one:1 linux/amd64",
        ])
      try shop.slipway("prune", "-f", "--all")
      #expect(try shop.read().count == 5)
    }
  }

  @Test(
    "skopeo and umoci open each image of the store by its name, also where tags are the same, and write into it",
    .enabled(if: Processes.find("skopeo") != nil && Processes.find("umoci") != nil, "needs skopeo and umoci"))
  func peers() throws {
    try withShop { shop in
      for (name, label) in [("one:1", "x=1"), ("team/two:1", "x=2")] {
        try shop.slipway("build", "-q", "-t", name, "--label", label, "c")
        let seen = try shop.run("skopeo", ["inspect", "--config", "oci:store:" + name])
        #expect(seen.outputText.contains(#""x": "\#(label.suffix(1))""#), "\(seen.errorText)")
        let listed = try shop.run("umoci", ["stat", "--image", "store:" + name])
        #expect(listed.status == 0, "\(listed.errorText)")
      }
      let layouts = try shop.run("umoci", ["ls", "--layout", "store"])
      #expect(layouts.outputText.split(separator: "\n").sorted() == ["one:1", "team/two:1"])

      func well(_ program: String, _ arguments: [String]) throws {
        let result = try shop.run(program, arguments)
        #expect(result.status == 0, "\(program) \(arguments): \(result.errorText)")
      }
      try shop.slipway("save", "-o", "one.tar", "one:1")
      try well("skopeo", ["--insecure-policy", "copy", "-q", "oci-archive:one.tar", "oci:store:by-skopeo"])
      try well("skopeo", ["--insecure-policy", "copy", "-q", "oci-archive:one.tar", "oci:store:by/skopeo:3"])
      try well("umoci", ["config", "--image", "store:one:1", "--tag", "by-umoci", "--author", "me"])
      let list = try shop.run(shop.program, ["images", "--format", "{{.Repository}} {{.Tag}} {{.Platform}}"])
      #expect(
        list.outputText.split(separator: "\n").sorted() == [
          "<none> by-skopeo linux/amd64", "<none> by-umoci linux/amd64", "by/skopeo 3 linux/amd64",
          "one 1 linux/amd64", "team/two 1 linux/amd64",
        ], "\(list.errorText)")
      for arguments in [["verify"], ["du"], ["du", "-v"], ["prune", "-f", "--all"]] {
        let result = try shop.run(shop.program, arguments)
        #expect(
          result.status == 0 && result.errorText == "",
          "\(arguments): \(result.outputText)\(result.errorText)")
      }
      try well("skopeo", ["--insecure-policy", "copy", "-q", "oci:store:by-umoci", "dir:read"])
      #expect(try shop.read().count == 5)
      // A word that only the layout has is an image to the other commands as well.
      try shop.slipway("tag", "by-umoci", "mine:1")
      try shop.slipway("rmi", "by-umoci", "by-skopeo")
      #expect(
        try shop.names() == [
          "by/skopeo:3 linux/amd64", "mine:1 linux/amd64", "one:1 linux/amd64", "team/two:1 linux/amd64",
        ])
      // Without its name, the image is there no more for them.
      try well("skopeo", ["--insecure-policy", "copy", "-q", "oci-archive:one.tar", "oci:store:mine:1"])
      let moved = try shop.run(shop.program, ["images", "--format", "{{.Digest}}", "mine:1"])
      let one = try shop.run(shop.program, ["images", "--format", "{{.Digest}}", "one:1"])
      #expect(moved.outputText == one.outputText, "a name that skopeo has moved has moved")
    }
  }
}
