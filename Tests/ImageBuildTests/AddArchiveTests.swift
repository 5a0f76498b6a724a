import FileTree
import Glibc
import Layers
import TestSupport
import Testing

@testable import ImageBuild

/// ADD of archives, by the numbers of the semantics that Slipway follows.
@Suite("ADD of archives")
struct AddArchiveTests {
  /// Puts a tar of what a script makes into the context.
  private func pack(_ name: String, in shop: Workshop, _ script: String, _ options: String...) throws {
    try Files.withTemporaryFolder { folder in
      let made = try Processes.run("sh", ["-e", "-c", script], folder: folder)
      #expect(made.status == 0, "\(made.errorText)")
      let packed = try Processes.run(
        "tar",
        ["-C", folder, "--owner=7", "--group=8", "--numeric-owner"] + options
          + ["-cf", "\(shop.folder)/context/\(name)", "."])
      #expect(packed.status == 0, "\(packed.errorText)")
    }
  }

  @Test("C83 --chown is for what is unpacked, --chmod is not")
  func flags() throws {
    try Workshop.open { shop in
      try shop.write("f", "f")
      try pack("a.tar", in: shop, "mkdir -m 750 d; echo x > d/f; chmod 640 d/f")
      let image = try shop.build(
        """
        FROM scratch
        ADD --chmod=777 a.tar /kept/
        ADD --chmod=777 --chown=5:6 a.tar /given/
        ADD --chmod=600 --chown=5:6 f /f
        """)
      for (folder, owner) in [("kept", Owner(uid: 7, gid: 8)), ("given", Owner(uid: 5, gid: 6))] {
        #expect(image.files[folder + "/d"]?.permissions == 0o750)
        #expect(image.files[folder + "/d/f"]?.permissions == 0o640)
        #expect(image.files[folder + "/d"]?.owner == owner)
        #expect(image.files[folder + "/d/f"]?.owner == owner)
      }
      #expect(image.files["f"]?.permissions == 0o600)
      #expect(image.files["f"]?.owner == Owner(uid: 5, gid: 6))
    }
  }

  @Test("C129 a member whose name means a removal is refused", arguments: [".wh.kept", ".wh..wh..opq"])
  func removals(name: String) throws {
    try Workshop.open { shop in
      try shop.write("d/kept")
      try pack("a.tar", in: shop, "mkdir d; touch d/\(name)")
      let problem = try shop.failure("FROM scratch\nCOPY d /d\nADD a.tar /\n")
      #expect(problem.kind == .layer(.reservedName(path: BytePath("d/" + name))))
      #expect(problem.instruction == 2)
    }
  }

  /// As whom devices are unpacked: somebody who can make them, and somebody who cannot.
  private static let identities: [BuilderIdentity] =
    (Workshop.canMakeDevices ? [.root] : []) + [.namespaceRoot, .ordinary(nil)]

  @Test("C47, C130 devices in an archive are in the layer, and go on to other stages", arguments: identities)
  func devices(identity: BuilderIdentity) throws {
    let entries = [
      LayerEntry(
        path: "disk", kind: .blockDevice(DeviceNumber(major: 7, minor: 300)), permissions: 0o660,
        owner: Owner(uid: 0, gid: 6), modified: 1),
      LayerEntry(
        path: "null", kind: .characterDevice(DeviceNumber(major: 1, minor: 3)), permissions: 0o666,
        modified: 1),
    ]
    var archive = MemorySink()
    _ = try LayerWriter(codec: .none).write(entries, into: &archive)
    try Workshop.open { shop in
      try Files.write(archive.bytes, to: shop.folder + "/context/a.tar")
      let unpacked = "FROM scratch AS a\nADD a.tar /dev/\n"
      for (text, folder) in [(unpacked, "dev"), (unpacked + "FROM scratch\nCOPY --from=a /dev /x\n", "x")] {
        let image = try shop.build(text, as: identity)
        let disk = try #require(image.files[folder + "/disk"])
        #expect(disk.kind == .blockDevice(DeviceNumber(major: 7, minor: 300)))
        #expect(disk.permissions == 0o660 && disk.owner == Owner(uid: 0, gid: 6))
        let null = try #require(image.files[folder + "/null"])
        #expect(null.kind == .characterDevice(DeviceNumber(major: 1, minor: 3)))
        #expect(null.permissions == 0o666)
      }
    }
  }

  @Test("C138 of several sources each archive is unpacked, and each file is copied")
  func several() throws {
    try Workshop.open { shop in
      try shop.write("f", "f")
      try shop.write("no.tar", "no archive")
      try shop.write("folder/inner.txt", "inner")
      try pack("one.tar", in: shop, "echo 1 > one")
      try pack("two", in: shop, "mkdir d; echo 2 > d/two", "-z")
      let image = try shop.build("FROM scratch\nADD one.tar f two no.tar folder /x/\nADD *.tar /y/\n")
      #expect(
        image.paths == [
          "x", "x/d", "x/d/two", "x/f", "x/inner.txt", "x/no.tar", "x/one", "y", "y/no.tar", "y/one",
        ])
      #expect(image.text("x/one") == "1\n" && image.text("x/d/two") == "2\n")
      #expect(image.text("x/no.tar") == "no archive")
    }
  }
}
