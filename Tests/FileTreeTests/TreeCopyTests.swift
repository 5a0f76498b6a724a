import FileTree
import Glibc
import TestSupport
import Testing
import TreeTestSupport

@Suite("Copying trees")
struct TreeCopyTests {
  private func copy(
    _ source: TemporaryTree, _ path: BytePath, _ target: TemporaryTree, _ destination: BytePath,
    _ options: TreeCopy.Options = TreeCopy.Options()
  ) throws -> (TreeCopyReport, OwnershipTable?) {
    var copy = TreeCopy(options, placement: Placement(owners: OwnershipTable()))
    try copy.copy(from: source.shared.directory, path, to: target.shared.directory, destination)
    return (copy.report, copy.placement.owners)
  }

  @Test("C41, C45, C46, C49, C50, C54: what is kept") func kept() throws {
    let source = try TemporaryTree()
    let target = try TemporaryTree()
    let from = source.shared
    try source.file("s/a", "hello", permissions: 0o4755)
    try from.directory.makeHardLink(to: "s/a", at: "s/d")
    try source.link("s/l", to: "../../escaping")
    try from.directory.makeNode(.fifo, at: "s/p", permissions: 0o640)
    try from.directory.makeNode(.socket, at: "s/sock", permissions: 0o640)
    try from.directory.makeDirectory("s/empty", permissions: 0o711)
    let time = Timestamp(seconds: -5, nanoseconds: 123_456_789)
    for path: BytePath in ["s/a", "s/l", "s/empty"] { try from.directory.setModified(path, time) }
    let (report, _) = try copy(source, "s", target, "t")
    let to = target.shared
    #expect(try target.text("t/a") == "hello")
    let status = try to.directory.status("t/a")
    #expect(status.permissions == 0o4755 && status.modified == time && status.linkCount == 2)
    #expect(try to.directory.status("t/d").inode == status.inode)
    #expect(try to.directory.readLink("t/l") == "../../escaping")
    #expect(try to.directory.status("t/l").modified == time)
    #expect(try to.directory.status("t/p").type == .fifo)
    #expect(try to.directory.status("t/empty").modified == time)
    #expect(try to.directory.status("t/empty").permissions == 0o711)
    #expect(try to.directory.statusIfPresent("t/sock") == nil && report.skippedSockets == ["s/sock"])
    #expect(report.bytes == 5)
  }

  @Test("C48: holes stay holes, and the size is exact") func sparse() throws {
    let source = try TemporaryTree()
    let target = try TemporaryTree()
    do {
      let file = try source.shared.directory.createFile("f")
      try file.write([UInt8]("middle"), at: 8 << 20)
      try file.setSize(64 << 20)
    }
    _ = try copy(source, "f", target, "g")
    let status = try target.shared.directory.status("g")
    #expect(status.size == 64 << 20 && status.blocks * 512 < 1 << 20)
    let copied = try target.shared.directory.readFile("g", limit: 64 << 20)
    #expect(copied[(8 << 20)..<(8 << 20) + 6].elementsEqual("middle".utf8))
  }

  @Test("C13, C14, C20, C21, C24: what is there already") func merging() throws {
    let source = try TemporaryTree()
    let target = try TemporaryTree()
    try source.file("s/n", "new")
    try source.file("s/sub/x", "x")
    try source.shared.directory.setPermissions("s/sub", 0o711)
    try source.shared.directory.setModified("s", Timestamp(seconds: 77))
    try target.file("t/n", "old")
    try target.file("t/sub/kept", "kept")
    try target.shared.directory.makeHardLink(to: "t/n", at: "other")
    try target.shared.directory.setPermissions("t", 0o700)
    _ = try copy(source, "s", target, "t")
    #expect(try target.text("t/n") == "new" && target.text("other") == "old")
    #expect(try target.text("t/sub/kept") == "kept")
    #expect(try target.shared.directory.status("t/sub").permissions == 0o711)
    let root = try target.shared.directory.status("t")
    #expect(root.permissions == 0o700 && root.modified.seconds == 77)
    #expect(throws: TreeCopyError.folderOverFile("t/n")) { _ = try copy(source, "s", target, "t/n") }
    try target.shared.directory.removeTree("t/n")
    try target.shared.directory.makeDirectory("t/n")
    #expect(throws: TreeCopyError.fileOverFolder("t/n")) { _ = try copy(source, "s", target, "t") }
  }

  @Test("C25: a program that runs is replaced by another file") func running() throws {
    let source = try TemporaryTree()
    let target = try TemporaryTree()
    try source.file("program", "new", permissions: 0o755)
    let place = "\(target.path)/program"
    // Another process writes it: no child of this one can have it open for writing when it is to be executed.
    let shell = try #require(Processes.find("sh"))
    #expect(try Processes.run("cp", [shell, place]).status == 0)
    let inode = try target.shared.directory.status("program").inode
    let log = "\(source.path)/log"
    // It says that it is there, and stops itself.
    let program = try BackgroundProcess([place, "-c", "echo up; kill -STOP $$"], log: log)
    var looks = 0
    while try !source.text("log").contains("up"), looks < 3000 {
      usleep(20_000)
      looks += 1
    }
    try #require(try source.text("log") == "up\n")
    _ = try copy(source, "program", target, "program")
    #expect(try target.text("program") == "new")
    let status = try target.shared.directory.status("program")
    #expect(status.inode != inode && status.permissions == 0o755)
    withExtendedLifetime(program) {}
  }

  @Test("owners go where the caller says, and to the table without privileges") func owners() throws {
    let source = try TemporaryTree()
    let target = try TemporaryTree()
    try source.file("s/f")
    var options = TreeCopy.Options()
    options.metadata = { path, status in
      path == "f" ? (Owner(uid: 7, gid: 9), 0o004) : (Owner(uid: 8, gid: 9), status.permissions)
    }
    let (_, table) = try copy(source, "s", target, "t", options)
    #expect(table?["t"]?.owner == Owner(uid: 8, gid: 9))
    #expect(table?["t/f"] == OwnershipTable.Record(owner: Owner(uid: 7, gid: 9), mode: 0o100004))
    #expect(try target.shared.directory.status("t/f").permissions == 0o604)
    let snapshot = try Snapshot.capture(target.shared.directory).applying(try #require(table))
    #expect(snapshot[1].status.owner.uid == 7 && snapshot[1].status.permissions == 0o004)
  }
}

@Suite("Owners that the disk does not hold")
struct OwnershipTableTests {
  private var sample: OwnershipTable {
    var table = OwnershipTable()
    table["usr/bin/ping"] = .init(owner: .root, capability: [1, 0, 0, 2])
    table["usr/bin/passwd"] = .init(owner: Owner(uid: 3_000_000, gid: 4_294_967_294), mode: 0o104711)
    table["dev/null"] = .init(owner: .root, mode: 0o020666, rdev: DeviceNumber(major: 1, minor: 3).rdev)
    table[BytePath([0xff, 0x0a])] = .init(owner: Owner(uid: 1, gid: 1))
    return table
  }

  @Test("the file is read back as it was, and its bytes do not depend on the order of work")
  func fileFormat() throws {
    let table = sample
    #expect(try OwnershipTable(decoding: table.encoded) == table)
    var other = OwnershipTable()
    for (path, record) in table.sorted.reversed() { other[path] = record }
    #expect(other.encoded == table.encoded)
    #expect(
      try OwnershipTable(decoding: OwnershipTable(defaultOwner: Owner(uid: 5, gid: 6)).encoded).defaultOwner
        .gid == 6)
  }

  @Test("a file that is cut short or changed is refused, never misread as another table's")
  func damagedFile() {
    let bytes = sample.encoded
    for length in 0..<bytes.count {
      #expect(throws: OwnershipTableError.self) { try OwnershipTable(decoding: Array(bytes[..<length])) }
    }
    #expect(throws: OwnershipTableError.self) { try OwnershipTable(decoding: bytes + [0]) }
  }

  @Test("a placeholder is a device only while it is empty") func devices() {
    let table = sample
    let empty = FileStatus(type: .regular, permissions: 0o666)
    #expect(table.applying(to: empty, [], at: "dev/null").0.type == .characterDevice)
    #expect(table.applying(to: empty, [], at: "dev/null").0.permissions == 0o666)
    var used = empty
    used.size = 1
    #expect(table.applying(to: used, [], at: "dev/null").0.type == .regular)
  }

  @Test("a record goes with its object", arguments: [true, false]) func movedRecords(marks: Bool) throws {
    let tree = try TemporaryTree()
    let shared = tree.shared
    var table = OwnershipTable()
    table.marksObjects = marks
    let owner = OwnershipTable.Record(owner: Owner(uid: 1, gid: 2))
    for path: BytePath in ["kept", "gone", "old", "replaced"] {
      try tree.file(path)
      table[path] = owner
      if marks {
        try shared.directory.setAttribute(
          path, ExtendedAttribute(name: OwnerMark.name, value: OwnerMark.encode(owner)))
      }
    }
    try shared.directory.makeSymbolicLink(to: "kept", at: "link")
    table["link"] = owner
    let selection: AttributeSelection = marks ? .capabilitiesAndMark : .capabilities
    let unmarked = try table.unmarked(in: Snapshot.capture(shared.directory, attributes: selection)) {
      path throws(FileError) in try shared.directory.born(path)
    }
    try shared.directory.removeFile("gone")
    try shared.directory.rename("old", to: "moved")
    try shared.directory.rename("link", to: "other")
    try tree.file("new")
    try shared.directory.rename("new", to: "replaced")
    let after = try Snapshot.capture(shared.directory, attributes: selection)
    let found = try table.collecting(from: after, unmarked: unmarked) { path throws(FileError) in
      try shared.directory.born(path)
    }
    #expect(found.sorted.map(\.path) == ["kept", "moved", "other"])
    #expect(after.applying(found).entries.allSatisfy { $0.attributes.isEmpty })
  }

  @Test("records change their places by hand, too") func renamedRecords() {
    var table = OwnershipTable()
    for path: BytePath in ["kept", "gone"] { table[path] = .init(owner: Owner(uid: 1, gid: 1)) }
    table.rename("kept", to: "moved")
    table.remove(subtree: "gone")
    #expect(table.sorted.map(\.path) == ["moved"])
  }

  @Test("a mark is read back as it was written, and nothing else is taken for one") func marks() {
    for record: OwnershipTable.Record in [
      .init(owner: .root), .init(owner: Owner(uid: 33, gid: 4_294_967_294)),
      .init(owner: Owner(uid: 1, gid: 2), mode: 0o020666, rdev: 259),
      .init(owner: .root, mode: 0o100000, capability: [1, 0, 0xAB]),
    ] {
      #expect(OwnerMark.decode(OwnerMark.encode(record)) == record)
    }
    for text in [
      "", ":", "1", "1:", ":1", "1:2:", "1:2:3:4", "-1:2", "1:4294967295", "1:99999999999999999999", "a:b",
      "1:2:8::", "1:2:277777::", "1:2:::a", "1:2:::zz", "1:2::x:", "1:2\n",
      "1:2:::" + String(repeating: "0", count: 300),
    ] {
      #expect(OwnerMark.decode(Array(text.utf8)) == nil, "\(text)")
    }
  }

  @Test("where the disk holds some owners, only the others have records") func disk() {
    var table = OwnershipTable()
    table.disk = DiskOwners(users: [0...9], groups: [0...4, 7...7])
    table["held"] = .init(owner: Owner(uid: 9, gid: 7))
    table["user"] = .init(owner: Owner(uid: 10, gid: 0))
    table["group"] = .init(owner: Owner(uid: 0, gid: 5))
    table["device"] = .init(owner: .root, mode: 0o020666, rdev: 259)
    #expect(table.sorted.map(\.path) == ["device", "group", "user"])
    let status = FileStatus(type: .regular, permissions: 0o644, owner: Owner(uid: 3, gid: 4), size: 1)
    #expect(table.applying(to: status, [], at: "held").0.owner == Owner(uid: 3, gid: 4))
    #expect(table.applying(to: status, [], at: "user").0.owner == Owner(uid: 10, gid: 0))
    #expect(
      table.disk?.held(Owner(uid: 10, gid: 7), otherwise: Owner(uid: 1, gid: 2)) == Owner(uid: 1, gid: 7))
  }

  @Test(
    "an object gets on the disk what that holds of its owner, and capabilities of the namespace",
    .enabled(if: geteuid() == 0, "needs root, to give files away"))
  func placed() throws {
    let tree = try TemporaryTree()
    let names: [BytePath] = ["held", "half", "foreign"]
    for name in names { try tree.file(name, "x") }
    var table = OwnershipTable()
    table.disk = DiskOwners(users: [0...99], groups: [0...99])
    table.widensPermissions = false
    var placement = Placement(owners: table)
    let capability: [UInt8] = [1, 0, 0, 2] + [UInt8](repeating: 0, count: 16)
    let foreign: [UInt8] = [1, 0, 0, 3] + [UInt8](repeating: 0, count: 20)
    for (name, owner, value) in [
      (names[0], Owner(uid: 33, gid: 44), capability), (names[1], Owner(uid: 100, gid: 5), []),
      (names[2], .root, foreign),
    ] {
      let attributes =
        value.isEmpty ? [] : [ExtendedAttribute(name: ExtendedAttribute.capabilityName, value: value)]
      let metadata = ObjectMetadata(
        type: .regular, permissions: 0o644, owner: owner, modified: Timestamp(seconds: 1),
        attributes: attributes)
      try placement.apply(metadata, to: name, in: tree.shared.directory, path: name)
    }
    #expect(try tree.shared.directory.status("held").owner == Owner(uid: 33, gid: 44))
    #expect(try tree.shared.directory.attribute("held", ExtendedAttribute.capabilityName) == capability)
    #expect(try tree.shared.directory.status("half").owner == Owner(uid: 0, gid: 5))
    #expect(try tree.shared.directory.attribute("foreign", ExtendedAttribute.capabilityName) == nil)
    #expect(placement.owners?.sorted.map(\.path) == ["foreign", "half"])
    #expect(placement.owners?["half"]?.owner == Owner(uid: 100, gid: 5))
    #expect(placement.owners?["foreign"]?.capability == foreign)
  }
}
