import FileTree
import Glibc
import ImageStore
import Isolation
import Layers
import OCIModel
import Synchronization
import TestSupport
import Testing

@testable import ImageBuild

/// The build cache: what is found, what is not, and what is told about it.
@Suite("Build cache")
struct CacheTests {
  /// Builds, and tells which steps were found in the cache, in order.
  private func build(
    _ shop: Workshop, _ text: String, _ configure: (inout BuildRequest) -> Void = { _ in }
  ) throws -> (image: BuiltImage, verdicts: [CacheVerdict]) {
    let image = try shop.build(text) { request in
      request.explainsCache = true
      request.jobs = 1
      configure(&request)
    }
    #expect(try shop.store.verify().isEmpty)
    return (image, image.verdicts)
  }

  private func changes(_ verdict: CacheVerdict?) -> [String] {
    guard case .changed(let changes) = verdict else { return [] }
    return changes.map { "\($0.kind) \(String(decoding: $0.name, as: UTF8.self)) \($0.difference)" }
  }

  private static let text = "FROM scratch\nCOPY d /d\nCOPY f /f\nWORKDIR /w\n"

  private func fill(_ shop: Workshop) throws {
    try Files.createFolder(shop.folder + "/context/d")
    try shop.write("d/a", "one")
    try shop.write("f", "two")
  }

  @Test("K08 a second build finds everything, and gives the same image, with SOURCE_DATE_EPOCH and without")
  func hit() throws {
    for clamps in [true, false] {
      try Workshop.open { shop in
        try fill(shop)
        let first = try build(shop, Self.text) { $0.clampsTimes = clamps }
        #expect(first.verdicts == [.unknown, .unknown, .unknown])
        let second = try build(shop, Self.text) { request in
          request.clampsTimes = clamps
          if !clamps { request.created.seconds += 100 }
        }
        #expect(second.verdicts == [.hit, .hit, .hit])
        #expect(first.image.result.descriptor == second.image.result.descriptor)
        #expect(second.image.text("d/a") == "one")
      }
    }
  }

  /// Pairs of instructions that copy from the same stage to the same place, and do not copy the same.
  static let pairs: [(String, String)] = [
    ("COPY --from=a /d/f /x", "COPY --from=a /d /x"),
    ("COPY --from=a /d/f /x", "COPY --from=a /d/g /x"),
    ("COPY --from=a /d /x", "COPY --from=a --exclude=f /d /x"),
    ("COPY --from=a --exclude=g /d /x", "COPY --from=a --exclude=f /d /x"),
    ("COPY --from=a --chmod=u=rw,go= /d /x", "COPY --from=a --chmod=u=rwX,go= /d /x"),
    ("COPY --from=a --chmod=600 /d /x", "COPY --from=a --chmod=640 /d /x"),
    ("COPY --from=a /d/f /d/g /x/", "COPY --from=a /d/g /x/"),
    ("COPY --from=a --chown=1 /d /x", "COPY --from=a --chown=2 /d /x"),
    ("COPY --from=a /d <<q /x/\n1\nq", "COPY --from=a /d <<q /x/\n2\nq"),
    ("COPY --from=a --parents /d/f /x", "COPY --from=a --parents /d/./f /x"),
    ("COPY --from=a --link /d /x", "COPY --from=a /d /x"),
  ]

  @Test("K02 what is copied from a stage is part of the key, looked at or not", arguments: pairs.indices)
  func sources(index: Int) throws {
    let lines = Self.pairs[index]
    try Workshop.open { shop in
      try Files.createFolder(shop.folder + "/context/d")
      try shop.write("d/f", "f")
      try shop.write("d/g", "g")
      let head = "FROM scratch AS a\nCOPY d /d\nFROM scratch\nCOPY d/f /before\n"
      _ = try build(shop, head + lines.0 + "\n")
      let second = try build(shop, head + lines.1 + "\n")
      #expect(second.verdicts.dropLast() == [.hit, .hit])
      #expect(second.verdicts.last != .hit)
    }
  }

  @Test("K02 the times, the owners and the neighbours of files change nothing")
  func touch() throws {
    try Workshop.open { shop in
      try fill(shop)
      _ = try build(shop, Self.text)
      for path in ["f", "d/a", "d"] {
        let times = [timespec(tv_sec: 5, tv_nsec: 0), timespec(tv_sec: 5, tv_nsec: 0)]
        #expect(unsafe utimensat(AT_FDCWD, "\(shop.folder)/context/\(path)", times, 0) == 0)
      }
      try shop.write("other", "x")
      #expect(try build(shop, Self.text + "# a comment\nLABEL a=b\n").verdicts == [.hit, .hit, .hit])
    }
  }

  @Test("K06 a file changed in place, with size and modification time put back, is seen")
  func sameSizeAndTime() throws {
    try Workshop.open { shop in
      try fill(shop)
      let path = shop.folder + "/context/f"
      var status = stat()
      #expect(unsafe stat(path, &status) == 0)
      // The second round meets a digest that is remembered: the file has been left alone long enough by then.
      for content in ["TWO", "2wo", "22o"] {
        _ = try build(shop, Self.text)
        if content == "22o" {
          sleep(UInt32(FileDigests.grace) + 2)
          #expect(try build(shop, Self.text).verdicts == [.hit, .hit, .hit])
        }
        let descriptor = unsafe open(path, O_WRONLY)
        #expect(unsafe write(descriptor, content, 3) == 3)
        close(descriptor)
        let times = [status.st_atim, status.st_mtim]
        #expect(unsafe utimensat(AT_FDCWD, path, times, 0) == 0)
        let built = try build(shop, Self.text)
        #expect(built.image.text("f") == content)
        #expect(changes(built.verdicts[1]) == ["file f changed"])
        #expect(built.verdicts[0] == .hit)
      }
    }
  }

  @Test("K02 content, mode, name and link target count, and each is named")
  func changed() throws {
    try Workshop.open { shop in
      try fill(shop)
      try shop.link("d/l", to: "a")
      _ = try build(shop, Self.text)
      try shop.write("d/a", "three")
      #expect(changes(try build(shop, Self.text).verdicts[0]) == ["file d/a changed"])
      #expect(unsafe chmod(shop.folder + "/context/d/a", 0o600) == 0)
      let mode = try build(shop, Self.text)
      #expect(changes(mode.verdicts[0]) == ["file d/a changed"])
      #expect(changes(mode.verdicts[1]) == ["parent  changed"])
      #expect(unsafe rename(shop.folder + "/context/d/a", shop.folder + "/context/d/b") == 0)
      #expect(changes(try build(shop, Self.text).verdicts[0]) == ["file d/a removed", "file d/b added"])
      _ = unsafe unlink(shop.folder + "/context/d/l")
      try shop.link("d/l", to: "b")
      #expect(changes(try build(shop, Self.text).verdicts[0]) == ["file d/l changed"])
    }
  }

  @Test("K02 --chown, --chmod and the destination count; --chmod by what it makes of the files")
  func flags() throws {
    try Workshop.open { shop in
      try shop.write("f", "x", mode: 0o644)
      _ = try build(shop, "FROM scratch\nCOPY f /x")
      #expect(try build(shop, "FROM scratch\nCOPY ./f /x").verdicts == [.hit])
      #expect(try build(shop, "FROM scratch\nCOPY f /y").verdicts != [.hit])
      #expect(try build(shop, "FROM scratch\nCOPY f /x/").verdicts != [.hit])
      #expect(try build(shop, "FROM scratch\nCOPY --chown=1 f /x").verdicts != [.hit])
      #expect(try build(shop, "FROM scratch\nCOPY --chmod=600 f /x").verdicts != [.hit])
      #expect(try build(shop, "FROM scratch\nCOPY <<f /x\ny\nf").verdicts != [.hit])
      #expect(try build(shop, "FROM scratch\nCOPY <<f /x\nz\nf").verdicts != [.hit])
    }
  }

  @Test("An upstream stage that comes to other files in places that nobody reads changes nothing")
  func upstream() throws {
    try Workshop.open { shop in
      try fill(shop)
      let tail = "FROM scratch\nCOPY --from=a /f /g\nWORKDIR /w\n"
      let first = try build(shop, "FROM scratch AS a\nCOPY f /f\n" + tail)
      let second = try build(shop, "FROM scratch AS a\nCOPY f /f\nCOPY d /d\n" + tail)
      #expect(second.verdicts.suffix(2) == [.hit, .hit])
      #expect(first.image.result.descriptor == second.image.result.descriptor)
      try shop.write("f", "new")
      let third = try build(shop, "FROM scratch AS a\nCOPY f /f\n" + tail)
      #expect(third.image.text("g") == "new")
      #expect(changes(third.verdicts[1]) == ["source a changed"])
    }
  }

  @Test("--no-cache and --no-cache-filter execute what they name, and the result is the same")
  func refused() throws {
    try Workshop.open { shop in
      try fill(shop)
      let text = "FROM scratch AS a\nCOPY f /f\nFROM a AS b\nWORKDIR /w"
      let first = try build(shop, text)
      let none = try build(shop, text) { $0.refusesCache = true }
      #expect(none.verdicts == [.refused, .refused])
      let some = try build(shop, text) { $0.uncachedStages = ["B"] }
      #expect(some.verdicts == [.hit, .refused])
      #expect(first.image.result.descriptor == none.image.result.descriptor)
      #expect(first.image.result.descriptor == some.image.result.descriptor)
    }
  }

  @Test("A layer that is damaged or gone is made anew")
  func damaged() throws {
    try Workshop.open { shop in
      try fill(shop)
      let first = try shop.build(Self.text)
      let layer = first.result.manifest.layers[1]
      let path = String(decoding: shop.store.path(of: layer.digest), as: UTF8.self)
      for damage in [true, false] {
        if damage {
          var bytes = try Files.read(path)
          bytes[bytes.count / 2] ^= 1
          try Files.write(bytes, to: path)
        } else {
          #expect(unsafe unlink(path) == 0)
        }
        // Each process looks once.
        let store = try OCILayoutStore.open(root: shop.store.path)
        let again = try build(Workshop(folder: shop.folder, store: store, others: 2), Self.text)
        #expect(again.verdicts == [.hit, .lost, .hit])
        #expect(again.image.result.descriptor == first.result.descriptor)
      }
    }
  }

  @Test(
    "K01 RUN: environment, user and folder count; proxies and labels do not",
    .enabled(if: Workshop.isRoot && Workshop.canRun, "needs root, busybox and namespaces"))
  func run() throws {
    try Workshop.open { shop in
      try shop.makeBase()
      func text(_ head: String) -> String { "FROM busybox\n\(head)\nRUN echo x > /tmp/x\n" }
      let first = try build(shop, text(""))
      #expect(try build(shop, text("LABEL a=b")).verdicts == [.hit])
      let proxy = BuildRequest.Argument(name: Array("HTTP_PROXY".utf8), value: Array("http://p".utf8))
      #expect(try build(shop, text("")) { $0.arguments = [proxy] }.verdicts == [.hit])
      #expect(changes(try build(shop, text("ENV a=b")).verdicts[0]) == ["variable a added"])
      #expect(changes(try build(shop, text("ARG a=c")).verdicts[0]) == ["variable a changed"])
      #expect(
        changes(try build(shop, text("USER lp")).verdicts[0]) == [
          "variable a removed", "setting USER changed",
        ])
      #expect(try build(shop, text("")) { $0.network = .none }.verdicts[0] != .hit)
      let again = try build(shop, text(""))
      #expect(again.verdicts == [.hit])
      #expect(again.image.result.descriptor == first.image.result.descriptor)
      #expect(try build(shop, text("") + "RUN false || true").verdicts[0] == .hit)
    }
  }

  @Test(
    "K07 a step that fails is executed again",
    .enabled(if: Workshop.isRoot && Workshop.canRun, "needs root, busybox and namespaces"))
  func failed() throws {
    try Workshop.open { shop in
      try shop.makeBase()
      for _ in 0..<2 { #expect(try shop.failure("FROM busybox\nRUN exit 3").kind == .runFailed(.exited(3))) }
    }
  }

  @Test("1 and 8 jobs, cold and cached: one digest")
  func jobs() throws {
    var digests: Set<Digest> = []
    for jobs in [1, 8] {
      try Workshop.open { shop in
        try fill(shop)
        var text = ""
        for number in 0..<12 {
          text += "FROM scratch AS s\(number)\nCOPY f /f\(number)\nWORKDIR /w\(number % 3)\n"
        }
        text += "FROM s3\n"
        for number in 0..<12 { text += "COPY --from=s\(number) / /r\(number % 5)\n" }
        for _ in 0..<2 {
          digests.insert(try build(shop, text) { $0.jobs = jobs }.image.result.descriptor.digest)
        }
      }
    }
    #expect(digests.count == 1)
  }

  @Test("A failure in one stage ends the build, whatever the others do")
  func failureStopsOthers() throws {
    try Workshop.open { shop in
      try fill(shop)
      let text = "FROM scratch AS a\nCOPY nothing /\nFROM scratch AS b\nCOPY f /\nFROM a\nCOPY --from=b / /\n"
      for jobs in [1, 2, 8] {
        let problem = try shop.failure(text) { $0.jobs = jobs }
        #expect(problem.kind == .sourceNotFound(BytePath("nothing"), isIgnored: false))
      }
    }
  }

  @Test("K09 Two builds at the same moment execute each step once")
  func singleFlight() throws {
    try Workshop.open { shop in
      try fill(shop)
      let made = Mutex((executed: 0, digests: Set<Digest>(), finished: 0))
      var threads: [Worker] = []
      for _ in 0..<4 {
        let store = try OCILayoutStore.open(root: shop.store.path)
        let folder = shop.folder
        let thread = Worker {
          let shop = Workshop(folder: folder, store: store, others: 4)
          guard let built = try? shop.build(Self.text, { $0.explainsCache = true }) else { return }
          made.withLock {
            $0.executed += built.verdicts.count { $0 != .hit }
            $0.digests.insert(built.result.descriptor.digest)
            $0.finished += 1
          }
        }
        threads.append(try #require(thread))
      }
      for thread in threads { thread.join() }
      #expect(made.withLock { $0.executed } == 3)
      #expect(made.withLock { $0.digests.count } == 1)
      #expect(made.withLock { $0.finished } == 4)
      #expect(try Files.names(in: shop.folder + "/store/cache/locks").isEmpty)
      #expect(try shop.store.verify().isEmpty)
    }
  }

  @Test("prune waits for nobody, keeps what images need, and goes by size; a dry run removes nothing")
  func prune() throws {
    try Workshop.open { shop in
      try fill(shop)
      let root = shop.store.path
      // The store that builds keeps its session until it goes.
      let layers = try {
        let inner = Workshop(folder: shop.folder, store: try OCILayoutStore.open(root: root), others: 1)
        let built = try inner.build(Self.text)
        try inner.store.add(built.result.descriptor, names: [ImageReference(parsing: "kept")])
        let other = try inner.build("FROM scratch\nCOPY f /elsewhere\n")
        #expect(throws: StoreError.busy) { try shop.store.pruneCache(CachePruning()) }
        return (kept: built.result.manifest.layers, other: other.result.manifest.layers)
      }()
      var pruning = CachePruning()
      pruning.isDryRun = true
      let wouldGo = try shop.store.pruneCache(pruning)
      #expect(wouldGo.steps.map(\.layer.digest) == layers.other.map(\.digest))
      #expect(try shop.store.contains(layers.other[0].digest))
      pruning.isDryRun = false
      pruning.keptSize = layers.other[0].size
      #expect(try shop.store.pruneCache(pruning).steps.isEmpty)
      pruning.keptSize = nil
      pruning.unusedSince = 0
      #expect(try shop.store.pruneCache(pruning).steps.isEmpty)
      pruning.unusedSince = nil
      let gone = try shop.store.pruneCache(pruning)
      #expect(gone.steps == wouldGo.steps)
      #expect(try !shop.store.contains(layers.other[0].digest))
      #expect(try shop.store.verify().isEmpty)
      pruning.includesUsed = true
      #expect(try shop.store.pruneCache(pruning).steps.count == 3)
      #expect(try shop.store.contains(layers.kept[0].digest))
      #expect(try shop.store.verify().isEmpty)
    }
  }

  @Test("A cache goes to another store in a folder: all steps, or those of the image; never what is damaged")
  func transfer() throws {
    try Workshop.open { shop in
      try fill(shop)
      let text = "FROM scratch AS a\nCOPY d /d\nFROM scratch\nCOPY --from=a /d/a /a\nCOPY f /f\n"
      let first = try build(shop, text).image
      let folders = ["all", "few", "bad"].map { Array("\(shop.folder)/\($0)".utf8) }
      for (folder, keys) in zip(
        folders, [first.result.cacheKeys, first.result.imageCacheKeys, first.result.cacheKeys])
      {
        try shop.store.exportSteps(keys, to: OCILayoutStore.open(root: folder))
      }
      #expect(first.result.cacheKeys.count > first.result.imageCacheKeys.count)
      for layer in first.result.manifest.layers {
        let bad = try OCILayoutStore.open(root: folders[2])
        let path = String(decoding: bad.path(of: layer.digest), as: UTF8.self)
        var bytes = try Files.read(path)
        bytes[bytes.count - 1] ^= 1
        try Files.write(bytes, to: path)
      }
      let expected: [[CacheVerdict]] = [
        [.hit, .hit, .hit], [.unknown, .hit, .hit], [.hit, .unknown, .unknown],
      ]
      for (folder, verdicts) in zip(folders, expected) {
        let source = try #require(try OCILayoutStore.openIfPresent(root: folder))
        try Workshop.open { other in
          try fill(other)
          let second = try build(other, text) { $0.cacheSources = [source] }
          #expect(second.verdicts == verdicts)
          #expect(second.image.result.descriptor == first.result.descriptor)
          #expect(second.image.text("a") == "one")
          // Now the own cache has it.
          #expect(try build(other, text).verdicts == [.hit, .hit, .hit])
        }
      }
      #expect(try OCILayoutStore.openIfPresent(root: Array("\(shop.folder)/none".utf8)) == nil)
    }
  }
}
