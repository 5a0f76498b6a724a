import FileTree
import Glibc
import Testing
import TreeTestSupport

@Suite("Paths stay below the folder they are resolved in")
struct DirectoryTests {
  static let resolutions: [Directory.Resolution] = [.kernel, .componentWalk]

  @Test("C15-C18: links are followed inside the root", arguments: resolutions)
  func linksStayInside(_ resolution: Directory.Resolution) throws {
    let tree = try TemporaryTree(resolution)
    try tree.file("etc/passwd", "inside")
    try tree.link("absolute", to: "/etc")
    try tree.link("climbing", to: "../../../../etc")
    try tree.link("d/up", to: "../etc/./passwd")
    let root = tree.shared
    for path: BytePath in ["absolute/passwd", "climbing/passwd", "../../etc/passwd", "/etc/passwd"] {
      #expect(try tree.text(path) == "inside", "\(path)")
    }
    #expect(try root.directory.resolve("climbing/passwd") == "etc/passwd")
    #expect(try root.directory.resolve("d/up") == "etc/passwd")
    #expect(try root.directory.resolve("d/up", followingLast: false) == "d/up")
    #expect(try root.directory.status("d/up").type == .symbolicLink)
    #expect(try root.directory.status("d/up", followingLink: true).type == .regular)
  }

  @Test("C16, C17: a place that does not exist yet is resolved as well", arguments: resolutions)
  func missingPlaces(_ resolution: Directory.Resolution) throws {
    let tree = try TemporaryTree(resolution)
    try tree.link("dangling", to: "../../out/./here")
    try tree.link("var/run", to: "/run")
    try tree.file("f")
    let root = tree.shared
    #expect(try root.directory.resolve("dangling") == "out/here")
    #expect(try root.directory.resolve("dangling/x/../y") == "out/here/y")
    #expect(try root.directory.resolve("var/run/x") == "run/x")
    #expect(try root.directory.resolve("") == "")
    #expect(throws: FileError(.resolve, "f/x", ENOTDIR)) { try root.directory.resolve("f/x") }
    #expect(try root.directory.makeDirectories("var/run/a/b") == ["run", "run/a", "run/a/b"])
    #expect(try root.directory.makeDirectories("var/run/a/b") == [])
  }

  @Test("C19: a loop of links is an error", arguments: resolutions)
  func loops(_ resolution: Directory.Resolution) throws {
    let tree = try TemporaryTree(resolution)
    try tree.link("a", to: "b")
    try tree.link("b", to: "a")
    try tree.link("self", to: "self/x")
    for path: BytePath in ["a", "a/x", "self"] {
      #expect(throws: FileError(.resolve, path, ELOOP)) { try tree.shared.directory.resolve(path) }
    }
    #expect(throws: FileError.self) { try tree.text("a/x") }
  }

  @Test("the last link is not followed by what acts on the object", arguments: resolutions)
  func lastLink(_ resolution: Directory.Resolution) throws {
    let tree = try TemporaryTree(resolution)
    try tree.file("target", "kept")
    try tree.link("l", to: "target")
    let root = tree.shared
    #expect(throws: FileError(.open, "l", ELOOP)) { _ = try root.directory.openFile("l") }
    #expect(throws: FileError(.createFile, "l", EEXIST)) { _ = try root.directory.createFile("l") }
    #expect(throws: FileError(.setMode, "l", EOPNOTSUPP)) { try root.directory.setPermissions("l", 0o600) }
    try root.directory.setModified("l", Timestamp(seconds: 5))
    #expect(try root.directory.status("target").modified.seconds != 5)
    try root.directory.removeFile("l")
    #expect(try tree.text("target") == "kept")
  }

  @Test("names are bytes, sorted as bytes", arguments: resolutions)
  func names(_ resolution: Directory.Resolution) throws {
    let tree = try TemporaryTree(resolution)
    let names: [[UInt8]] = [[0x01], [UInt8]("-x"), [UInt8]("a\nb"), [UInt8]("é"), [0xff, 0xfe]]
    for name in names.reversed() { try tree.file(BytePath(name), "x") }
    #expect(try tree.shared.directory.list().map(\.name) == names)
    #expect(throws: FileError(.status, BytePath([0x61, 0, 0x62]), EINVAL)) {
      try tree.shared.directory.status(BytePath([0x61, 0, 0x62]))
    }
  }

  @Test("a tree is removed whatever its modes and its depth", arguments: resolutions)
  func removal(_ resolution: Directory.Resolution) throws {
    let tree = try TemporaryTree(resolution)
    let root = tree.shared
    try tree.file("t/locked/inner/f")
    try root.directory.setPermissions("t/locked/inner", 0)
    try root.directory.setPermissions("t/locked", 0o500)
    try tree.file("outside", "kept")
    try tree.link("t/link", to: "../outside")
    // Deeper than PATH_MAX, so only relative steps get there.
    try root.directory.makeDirectory("t/deep")
    var current = try root.directory.openDirectory("t/deep")
    let name = BytePath([UInt8](repeating: 0x64, count: 100))
    for _ in 0..<100 {
      try current.makeDirectory(name)
      current = try current.openDirectory(name)
    }
    try root.directory.removeTree("t")
    #expect(try root.directory.list().map(\.name) == [[UInt8]("outside")])
    try root.directory.removeTree("t")
  }

  @Test("modes are exact, whatever the umask") func exactModes() throws {
    let tree = try TemporaryTree()
    try tree.file("f", permissions: 0o4777)
    try tree.shared.directory.makeDirectory("d", permissions: 0o1777)
    try tree.shared.directory.makeNode(.fifo, at: "p", permissions: 0o666)
    #expect(try tree.shared.directory.status("f").permissions == 0o4777)
    #expect(try tree.shared.directory.status("d").permissions == 0o1777)
    let fifo = try tree.shared.directory.status("p")
    #expect(fifo.permissions == 0o666 && fifo.type == .fifo)
    #expect(throws: FileError(.open, "p", EINVAL)) { _ = try tree.shared.directory.openFile("p") }
  }

  @Test("extended attributes") func attributes() throws {
    let tree = try TemporaryTree()
    try tree.file("f")
    let root = tree.shared
    let value = [UInt8](repeating: 7, count: 1000)
    try root.directory.setAttribute("f", ExtendedAttribute(name: [UInt8]("user.b"), value: value))
    try root.directory.setAttribute("f", ExtendedAttribute(name: [UInt8]("user.a"), value: []))
    #expect(try root.directory.attribute("f", [UInt8]("user.b")) == value)
    #expect(try root.directory.attribute("f", [UInt8]("user.c")) == nil)
    #expect(try root.directory.attributeNames("f") == [[UInt8]("user.a"), [UInt8]("user.b")])
    #expect(try root.directory.attributes("f", type: .regular, .capabilities) == [])
    #expect(try root.directory.attributes("f", type: .regular, .capabilitiesAndUser).count == 2)
    try root.directory.removeAttribute("f", [UInt8]("user.b"))
    #expect(try root.directory.attribute("f", [UInt8]("user.b")) == nil)
  }
}
