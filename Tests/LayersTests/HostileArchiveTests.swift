import FileTree
import Glibc
import Layers
import OCIModel
import Testing
import TreeTestSupport

/// Layers and archives that somebody has made to do harm. What reaches outside is in `ExtractorTests.hostileArchives` too.
@Suite("Hostile archives")
struct HostileArchiveTests {
  /// How it has to end. Whatever that is, nothing outside of the root changes.
  enum Ending {
    case fails, unpacks
    /// Which one is up to libarchive.
    case either
  }

  struct Attack: Sendable {
    var name: String
    var ending: Ending
    var build: @Sendable (inout HandmadeTar) -> Void

    init(_ name: String, _ ending: Ending, _ build: @escaping @Sendable (inout HandmadeTar) -> Void) {
      self.name = name
      self.ending = ending
      self.build = build
    }
  }

  private static func bytes(_ count: Int) -> [UInt8] { [UInt8](repeating: UInt8(ascii: "a"), count: count) }

  static let attacks: [Attack] = typeChanges + links + whiteouts + names + records

  /// Members with one name that change its type.
  private static let typeChanges = [
    Attack("a folder with files becomes a link, then a file through it", .unpacks) { tar in
      tar.add("d", type: "5", mode: 0o755)
      tar.add("d/x")
      tar.add("d", type: "2", link: "../outside")
      tar.add("d/kept")
    },
    Attack("a file becomes a folder, then a link, then a file", .unpacks) { tar in
      tar.add("n", content: [1])
      tar.add("n", type: "5", mode: 0o755)
      tar.add("n/x")
      tar.add("n", type: "2", link: "/outside/kept")
      tar.add("n", content: [2])
    },
    Attack("a fifo, then a file: nobody waits for a reader", .unpacks) { tar in
      tar.add("p", type: "6")
      tar.add("p", content: [1, 2, 3])
    },
    Attack("a fifo, a second name of it, then files", .unpacks) { tar in
      tar.add("p", type: "6")
      tar.add("q", type: "1", link: "p")
      tar.add("q", content: [1])
      tar.add("p", content: [2])
    },
    Attack("a device in place of a folder, then a file below it", .fails) { tar in
      tar.add("d", type: "5", mode: 0o755)
      tar.add("d/x")
      tar.add("d", type: "3", device: (1, 5))
      tar.add("d/y")
    },
    Attack("the disk of the host as a device, then content for it", .unpacks) { tar in
      tar.add("disk", type: "4", device: (254, 0))
      tar.add("other", type: "1", link: "disk")
      tar.add("disk", content: [1, 2, 3])
    },
    Attack("a link becomes a folder without rights, then a file", .unpacks) { tar in
      tar.add("l", type: "2", link: "../outside")
      tar.add("l", type: "5", mode: 0)
      tar.add("l/kept", content: [1])
    },
    Attack("the folder that is held open becomes a link", .unpacks) { tar in
      tar.add("a/b/c")
      tar.add("a", type: "2", link: "../outside")
      tar.add("a/b/kept")
    },
  ]

  private static let links = [
    Attack("a hard link to itself", .fails) { $0.add("h", type: "1", link: "h") },
    Attack("a hard link to a folder", .fails) { tar in
      tar.add("d", type: "5", mode: 0o755)
      tar.add("h", type: "1", link: "d")
    },
    Attack("a hard link to an absolute name of the host", .fails) {
      $0.add("h", type: "1", link: "/etc/passwd")
    },
    Attack("a hard link by links and dot-dot", .fails) { tar in
      tar.add("l", type: "2", link: ".")
      tar.add("h", type: "1", link: "l/l/../../outside/kept")
    },
    Attack("a hard link through a loop of links", .fails) { tar in
      tar.add("a", type: "2", link: "b")
      tar.add("b", type: "2", link: "a")
      tar.add("h", type: "1", link: "a/kept")
    },
    Attack("a hard link to a link that leads out, then content", .unpacks) { tar in
      tar.add("l", type: "2", link: "../outside/kept")
      tar.add("h", type: "1", link: "l")
      tar.add("h", content: [1])
      tar.add("l", content: [2])
    },
    Attack("a link without a target", .fails) { $0.add("l", type: "2") },
    Attack("forty links, one after the other", .either) { tar in
      for number in 0..<60 { tar.add("l\(number)", type: "2", link: "l\(number + 1)") }
      tar.add("l0/x")
    },
    Attack("a link called dot-dot", .fails) { $0.add("..", type: "2", link: "outside") },
    Attack("links of /proc", .either) { tar in
      tar.add("p", type: "2", link: "/proc/self/root/tmp")
      tar.add("p/slipway-escaped")
      tar.add("c", type: "2", link: "/proc/self/cwd")
      tar.add("c/slipway-escaped")
    },
  ]

  private static let whiteouts = [
    Attack("a removal of what lies beside the root", .fails) { $0.add("../.wh.outside") },
    Attack("a removal with dot-dot in its folder", .fails) { $0.add("d/../.wh.x") },
    Attack("a removal of nothing", .fails) { $0.add(".wh.") },
    Attack("a removal below a removal", .fails) { $0.add(".wh.a/.wh.b") },
    Attack("the root is opaque", .unpacks) { tar in
      tar.add("l", type: "2", link: "../outside")
      tar.add(".wh..wh..opq")
    },
    Attack("an opaque mark through a link to above", .unpacks) { tar in
      tar.add("up", type: "2", link: "../..")
      tar.add("up/.wh..wh..opq")
      tar.add("up/.wh.outside")
    },
    Attack("a removal of what the layer itself wrote through a link", .unpacks) { tar in
      tar.add("d/x")
      tar.add("l", type: "2", link: "d")
      tar.add("l/.wh.x")
      tar.add(".wh.l")
    },
  ]

  private static let names = [
    Attack("a name of 70,000 bytes", .fails) { tar in
      tar.addPax("path", bytes(70000))
      tar.add("f")
    },
    Attack("a target of 70,000 bytes", .fails) { tar in
      tar.addPax("linkpath", bytes(70000))
      tar.add("l", type: "2")
    },
    Attack("a part of a name that no file system takes", .fails) { tar in
      tar.addPax("path", bytes(300))
      tar.add("f")
    },
    Attack("five thousand folders in one another", .fails) { tar in
      tar.addPax("path", Array(String(repeating: "a/", count: 5000).utf8))
      tar.add("f", type: "5")
    },
    Attack("as many folders in one another as a name can have", .unpacks) { tar in
      tar.addPax("path", Array(String(repeating: "a/", count: 2000).utf8) + [0x66])
      tar.add("f")
    },
    Attack("a NUL in a name", .either) { tar in
      tar.addPax("path", Array("f\0/../../outside/kept".utf8))
      tar.add("f")
    },
    Attack("a folder that says it is a file", .unpacks) { $0.add("outside/") },
    Attack("dots and slashes", .unpacks) { tar in
      tar.add("././/./f", content: [1])
      tar.add("//outside//kept", content: [1])
    },
    Attack("dot-dot with a slash behind it", .fails) { $0.add("../", type: "5", mode: 0o700) },
  ]

  /// Headers that lie.
  private static let records = [
    Attack("a record longer than its header", .either) { tar in
      tar.add("pax", type: "x", content: Array("99999 path=x\n".utf8))
      tar.add("f")
    },
    Attack("a record without a length", .either) { tar in
      tar.add("pax", type: "x", content: Array("path=x\n".utf8))
      tar.add("f")
    },
    Attack("a length with sixty digits", .either) { tar in
      tar.add("pax", type: "x", content: [UInt8](repeating: 0x39, count: 60) + Array(" path=x\n".utf8))
      tar.add("f")
    },
    Attack("a negative size", .either) { tar in
      tar.addPax("size", Array("-1".utf8))
      tar.add("f", content: [1])
    },
    Attack("a size of 8 EiB", .fails) { tar in
      tar.addPax("size", Array("9223372036854775807".utf8))
      tar.add("f", content: [1])
    },
    Attack("attributes of 2 MiB", .fails) { tar in
      tar.addPax("SCHILY.xattr.user.x", bytes(2 << 20))
      tar.add("f")
    },
    Attack("a header record of 4 MiB", .either) { tar in
      tar.addPax("comment", bytes(4 << 20))
      tar.add("f")
    },
    Attack("a header record that claims 8 GiB", .fails) { tar in
      tar.add("pax", type: "x", content: Array("12 comment=x".utf8), size: 8 << 30 - 1)
      tar.add("f")
    },
    Attack("a long name that claims 8 GiB", .fails) { tar in
      tar.add("././@LongLink", type: "L", content: bytes(600), size: 8 << 30 - 1)
      tar.add("f")
    },
    Attack("a long name without an end", .fails) { tar in
      tar.add("././@LongLink", type: "L", content: bytes(70000))
      tar.add("f")
    },
    Attack("long names in a row", .either) { tar in
      for _ in 0..<2000 { tar.add("././@LongLink", type: "L", content: Array("../outside/kept\0".utf8)) }
      tar.add("f")
    },
    Attack("a sparse file of 1 EiB", .fails) { tar in
      for (key, value) in [
        ("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0"), ("GNU.sparse.name", "huge"),
        ("GNU.sparse.realsize", "1152921504606846976"),
      ] {
        tar.addPax(key, Array(value.utf8))
      }
      let map = Array("1\n1152921504606846975\n1\n".utf8)
      tar.add("f", content: map + [UInt8](repeating: 0, count: 512 - map.count) + [1])
    },
    Attack("a sum that is wrong", .fails) { tar in
      tar.add("f", content: [1])
      tar.flip(at: 3)
    },
    Attack("a mode with more bits than there are", .unpacks) { $0.add("f", mode: 0o7_777_777) },
    Attack("an end in the middle of a header", .fails) { tar in
      tar.add("f")
      tar.cut(to: 300)
      tar.add("../outside/kept", content: [1])
    },
  ]

  @Test("nothing outside changes", arguments: attacks.map(\.name))
  func attack(name: String) throws { try carryOut(name, owners: OwnershipTable()) }

  @Test("nor when root unpacks", .enabled(if: isRoot, "needs root"), arguments: attacks.map(\.name))
  func attackOnRoot(name: String) throws { try carryOut(name, owners: nil) }

  private func carryOut(_ name: String, owners: OwnershipTable?) throws {
    let attack = try #require(Self.attacks.first { $0.name == name })
    var tar = HandmadeTar()
    attack.build(&tar)
    let outer = try TemporaryTree()
    try outer.file("outside/kept", "kept", permissions: 0o640)
    let shared = outer.shared
    try shared.directory.makeDirectory("root")
    let before = try Snapshot.capture(shared.directory) { path, _ in path == "root" }
    let inner = SharedDirectory(try shared.directory.openDirectory("root"))
    var extractor = Extractor(inner, placement: Placement(owners: owners))
    var failure: LayerError?
    do throws(LayerError) {
      _ = try extractor.apply(ArchiveReader(MemorySource(tar.finished), compression: nil))
    } catch {
      failure = error
    }
    switch attack.ending {
    case .fails: #expect(failure != nil)
    case .unpacks: #expect(failure == nil)
    case .either: break
    }
    let after = try Snapshot.capture(shared.directory) { path, _ in path == "root" }
    #expect(LayerDiff(from: before, to: after) { _ in false }.isEmpty)
    #expect(try outer.text("outside/kept") == "kept")
    for path in ["/tmp/slipway-escaped", "slipway-escaped"] { #expect(unsafe access(path, F_OK) != 0) }
  }

  @Test("megabytes that were kilobytes are stopped where the bound is", arguments: [LayerCodec.gzip, .zstd])
  func expansion(codec: LayerCodec) throws {
    let content = [UInt8](repeating: 0, count: 4 << 20)
    let entry = LayerEntry(
      path: "f", kind: .file(size: Int64(content.count), .bytes(content)), permissions: 0o644)
    let blob = try write([entry], codec: codec).blob
    #expect(blob.count < 1 << 20)
    let tree = try TemporaryTree()
    var options = ExtractOptions()
    options.limits.totalBytes = 1 << 20
    #expect(throws: LayerError.limit(.totalBytes(1 << 20), path: "f")) {
      try extract(blob, into: tree, options)
    }
  }

  @Test("what grows more than a thousandfold is stopped before the disk is full")
  func ratio() throws {
    let content = [UInt8](repeating: 0, count: 4 << 20)
    let entry = LayerEntry(
      path: "f", kind: .file(size: Int64(content.count), .bytes(content)), permissions: 0o644)
    let blob = try write([entry], codec: .zstd).blob
    let tree = try TemporaryTree()
    var options = ExtractOptions()
    options.limits.ratio = 100
    options.limits.ratioFloor = 2 << 20
    #expect(throws: LayerError.limit(.ratio(100), path: nil)) { try extract(blob, into: tree, options) }
    // Small archives may be as dense as they like.
    options.limits.ratioFloor = 8 << 20
    _ = try extract(blob, into: tree, options)
  }

  @Test("a layer in a layer's place in a compressed stream is one archive, whatever follows it")
  func trailing() throws {
    var hidden = HandmadeTar()
    hidden.add("../outside/kept", content: [1])
    var shown = HandmadeTar()
    shown.add("f", content: [1])
    let tree = try TemporaryTree()
    let both = shown.finished + [UInt8](repeating: 0, count: 1024) + hidden.finished
    #expect(try extract(both, into: tree).report.members == 1)
    #expect(try tree.text("f") == "\u{1}")
  }

  @Test("attributes of the overlay and of the system do not come out of an archive")
  func attributes() throws {
    var tar = HandmadeTar()
    for key in [
      "user.overlay.opaque", "user.overlay.redirect", "user.overlay.whiteout", "trusted.overlay.opaque",
      "security.selinux", "system.posix_acl_access",
    ] {
      tar.addPax("SCHILY.xattr.\(key)", Array("y".utf8))
      tar.add("d-\(key)", type: "5", mode: 0o755)
    }
    let tree = try TemporaryTree()
    _ = try extract(tar.finished, into: tree)
    for entry in try Snapshot.capture(tree.shared.directory).entries {
      let found = try tree.shared.directory.attributes(entry.path, type: .directory, .capabilitiesAndUser)
      #expect(found.isEmpty, "\(entry.path)")
    }
  }
}
