import FileTree
import Glibc
import Isolation
import Layers
import TestSupport
import Testing

@testable import ImageBuild

/// What COPY makes of files that are more than their content, by the numbers of the semantics that Slipway follows.
@Suite("COPY of special files")
struct SpecialFileTests {
  @Test("C24, C25 a file that cannot be written to is replaced by another one, with the mode of that")
  func readOnly() throws {
    try Workshop.open { shop in
      try shop.write("d/x", "old")
      #expect(unsafe Glibc.link(shop.folder + "/context/d/x", shop.folder + "/context/d/y") == 0)
      #expect(unsafe chmod(shop.folder + "/context/d/x", 0o400) == 0)
      try shop.write("g", "new", mode: 0o755)
      let image = try shop.build("FROM scratch\nCOPY d /\nCOPY --chmod=000 d/x /z\nCOPY g /x\nCOPY g /z\n")
      for path in ["x", "z"] {
        #expect(image.text(path) == "new")
        #expect(image.files[path]?.permissions == 0o755)
      }
      // Nothing was written into the old file, which has another name.
      #expect(image.layers[2] == ["x"])
      #expect(image.text("y") == "old" && image.files["y"]?.permissions == 0o400)
    }
  }

  @Test(
    "C47 a device in the context is in the layer, also for a builder who cannot make one",
    .enabled(if: Workshop.canMakeDevices, "needs the right to make device nodes"),
    arguments: [BuilderIdentity.root, .namespaceRoot])
  func devices(identity: BuilderIdentity) throws {
    try Workshop.open { shop in
      try shop.write("d/f", "f")
      let path = shop.folder + "/context/d/null"
      try #require(unsafe mknod(path, S_IFCHR | 0o600, 0x103) == 0)
      #expect(unsafe chmod(path, 0o666) == 0)
      let image = try shop.build("FROM scratch\nCOPY d /x\nCOPY d/null /n\n", as: identity)
      for path in ["x/null", "n"] {
        let null = try #require(image.files[path])
        #expect(null.kind == .characterDevice(DeviceNumber(major: 1, minor: 3)))
        #expect(null.permissions == 0o666 && null.owner == .root)
      }
    }
  }

  private static let note = ExtendedAttribute(name: Array("user.note".utf8), value: [1, 2, 3])
  /// CAP_NET_BIND_SERVICE, of version 2.
  private static let capability = ExtendedAttribute(
    name: ExtendedAttribute.capabilityName,
    value: [1, 0, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])

  /// Whether a file in the folder of temporary files can have an attribute.
  private static func canHold(_ attribute: ExtendedAttribute) -> Bool {
    let made: Void? = try? Files.withTemporaryFolder { folder in
      try Files.write([], to: folder + "/f")
      try Directory(opening: BytePath(folder)).setAttribute("f", attribute)
    }
    return made != nil
  }

  @Test(
    "C51 attributes of users are left out",
    .enabled(if: canHold(note), "needs a file system with extended attributes"))
  func userAttributes() throws {
    try Workshop.open { shop in
      try shop.write("d/f", "f")
      let context = try Directory(opening: BytePath(shop.folder + "/context"))
      for path: BytePath in ["d", "d/f"] { try context.setAttribute(path, Self.note) }
      let image = try shop.build(
        "FROM scratch AS a\nCOPY d /x\nCOPY d/f /f\nFROM a\nCOPY --from=a / /y/\n")
      #expect(image.paths == ["f", "x", "x/f", "y", "y/f", "y/x", "y/x/f"])
      for (path, file) in image.files { #expect(file.attributes == [], "\(path)") }
    }
  }

  @Test(
    "C51 capabilities of programs are kept",
    .enabled(if: canHold(capability), "needs root and a file system with extended attributes"),
    arguments: [BuilderIdentity.root, .namespaceRoot])
  func capabilities(identity: BuilderIdentity) throws {
    try Workshop.open { shop in
      try shop.write("d/f", "f", mode: 0o755)
      let context = try Directory(opening: BytePath(shop.folder + "/context"))
      try context.setAttribute("d/f", Self.capability)
      let image = try shop.build(
        "FROM scratch AS a\nCOPY d /x\nCOPY --chown=3 d/f /f\nFROM scratch\nCOPY --from=a / /\n", as: identity
      )
      for path in ["x/f", "f"] { #expect(image.files[path]?.attributes == [Self.capability], "\(path)") }
    }
  }
}
