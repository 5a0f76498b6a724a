import FileTree
import Isolation
import OCIModel
import TestSupport
import Testing

@testable import ImageBuild

/// Whom `--chown` gives files to, by the numbers of the semantics that Slipway follows.
@Suite("--chown")
struct OwnerTests {
  /// The last line has no end.
  private static let users = """
    root:x:0:0:root:/root:/bin/sh
    # commented:x:1:1

    a line of something else
    odd:x:one:1::/:/bin/sh
    :x:5:5::/:
    me:x:21:22:first:/:/bin/sh
    me:x:31:32:second:/:/bin/sh
    1000:x:77:78::/:/bin/sh
    last:x:41:42::/:
    """
  private static let groups = """
    root:x:0:
    # staff:x:1:
    staff
    staff:x:many:
    staff:x:50:me
    staff:x:51:
    end:x:60:
    """

  /// The context holds `f`, and the folder `d` with users and groups.
  private func withUsers(_ body: (Workshop) throws -> Void) throws {
    try Workshop.open { shop in
      try shop.write("f", "f")
      try shop.write("d/etc/passwd", Self.users)
      try shop.write("d/etc/group", Self.groups)
      try body(shop)
    }
  }

  /// Whom `COPY --chown=text` gives a file to in an image with those users.
  private func owner(_ text: String, _ shop: Workshop) throws -> Owner? {
    try shop.build("FROM scratch\nCOPY d /\nCOPY --chown=\(text) f /x\n").files["x"]?.owner
  }

  private func failure(_ text: String, _ shop: Workshop) throws -> BuildProblem {
    try shop.failure("FROM scratch\nCOPY d /\nCOPY --chown=\(text) f /x\n")
  }

  @Test("C65 a user or group that the image does not have is an error, and not root")
  func unknown() throws {
    try withUsers { (shop) throws in
      for (text, error) in [
        ("nobody", UserLookupError.unknownUser(Array("nobody".utf8))),
        ("nobody:staff", .unknownUser(Array("nobody".utf8))),
        ("me:wheel", .unknownGroup(Array("wheel".utf8))), (":wheel", .unknownGroup(Array("wheel".utf8))),
        ("5:wheel", .unknownGroup(Array("wheel".utf8))),
      ] {
        let problem = try failure(text, shop)
        #expect(problem.kind == .owner(error), "\(text)")
        #expect(problem.instruction == 2)
      }
    }
  }

  @Test("C66 without /etc/passwd a name is an error, and a number works")
  func withoutUsers() throws {
    try withUsers { (shop) throws in
      func kind(_ text: String) throws -> BuildProblem.Kind {
        try shop.failure("FROM scratch\nCOPY --chown=\(text) f /x\n").kind
      }
      #expect(try kind("me") == .owner(.noUserFile(Array("me".utf8))))
      #expect(try kind("root") == .owner(.noUserFile(Array("root".utf8))))
      #expect(try kind("5:staff") == .owner(.noGroupFile(Array("staff".utf8))))
      let image = try shop.build("FROM scratch\nCOPY --chown=5:6 f /x\nCOPY --chown=7 f /y\n")
      #expect(image.files["x"]?.owner == Owner(uid: 5, gid: 6))
      #expect(image.files["y"]?.owner == Owner(uid: 7, gid: 7))
    }
  }

  @Test("C67 numbers go up to 4294967294; the one above means that nothing changes, and is refused")
  func range() throws {
    try withUsers { (shop) throws in
      let largest = UInt32.max - 1
      #expect(try owner("\(largest):\(largest)", shop) == Owner(uid: largest, gid: largest))
      #expect(try owner("0:0", shop) == .root)
      for number in ["4294967295", "4294967296", "99999999999999999999"] {
        for text in [number, number + ":1", "1:" + number] {
          #expect(try failure(text, shop).kind == .owner(.outOfRange(Array(number.utf8))), "\(text)")
        }
      }
    }
  }

  @Test("C69 names are those of the stage that is copied to, and not of the one that is copied from")
  func stages() throws {
    try withUsers { (shop) throws in
      try shop.write("other/etc/passwd", "me:x:51:52::/:\nguest:x:53:54::/:\n")
      let source = "FROM scratch AS a\nCOPY other /\nCOPY f /f\nFROM scratch\nCOPY d /\n"
      let image = try shop.build(source + "COPY --from=a --chown=me /f /x\n")
      #expect(image.files["x"]?.owner == Owner(uid: 21, gid: 22))
      let problem = try shop.failure(source + "COPY --from=a --chown=guest /f /x\n")
      #expect(problem.kind == .owner(.unknownUser(Array("guest".utf8))))
    }
  }

  @Test("C69 a link in the place of /etc/passwd is followed inside the image alone")
  func linkedUsers() throws {
    try withUsers { (shop) throws in
      try shop.write("l/users", Self.users)
      for target in ["/users", "../users", "../../../../users"] {
        try Files.createFolder(shop.folder + "/context/l/etc")
        let link = shop.folder + "/context/l/etc/passwd"
        try shop.link("l/etc/passwd", to: target)
        let image = try shop.build("FROM scratch\nCOPY l /\nCOPY --chown=me f /x\n")
        #expect(image.files["x"]?.owner == Owner(uid: 21, gid: 22), "\(target)")
        Files.remove(link)
      }
      // The host has this file, and the image has not.
      try shop.link("l/etc/passwd", to: "\(shop.folder)/context/d/etc/passwd")
      let problem = try shop.failure("FROM scratch\nCOPY l /\nCOPY --chown=me f /x\n")
      #expect(problem.kind == .owner(.noUserFile(Array("me".utf8))))
    }
  }

  @Test("C70 variables are replaced, in the owner and in the history")
  func variables() throws {
    try withUsers { (shop) throws in
      let image = try shop.build(
        """
        FROM scratch
        COPY d /
        ARG U=4
        ARG G
        ENV NAME=me
        COPY --chown=$U:${G:-1} f /x
        COPY --chown=${NAME}:staff f /y
        """)
      #expect(image.files["x"]?.owner == Owner(uid: 4, gid: 1))
      #expect(image.files["y"]?.owner == Owner(uid: 21, gid: 50))
      #expect(image.result.image.history[4].createdBy == "COPY --chown=4:1 f /x # buildkit")
    }
  }

  @Test("C71 lines that are no entries are passed over, the last needs no end, and a number is never a name")
  func lines() throws {
    try withUsers { (shop) throws in
      #expect(try owner("me", shop) == Owner(uid: 21, gid: 22))
      #expect(try owner("last", shop) == Owner(uid: 41, gid: 42))
      #expect(try owner("last:end", shop) == Owner(uid: 41, gid: 60))
      #expect(try owner("1000", shop) == Owner(uid: 1000, gid: 1000))
      #expect(try owner("1000:staff", shop) == Owner(uid: 1000, gid: 50))
      for text in ["commented", "odd"] {
        #expect(try failure(text, shop).kind == .owner(.unknownUser(Array(text.utf8))), "\(text)")
      }
    }
  }

  @Test("C72 of two entries with one name the first counts")
  func doubles() throws {
    try withUsers { (shop) throws in
      #expect(try owner("me:", shop) == Owner(uid: 21, gid: 0))
      #expect(try owner("me:staff", shop) == Owner(uid: 21, gid: 50))
    }
  }

  @Test("C102 a layer of --link knows no names, whatever the base has, and takes numbers")
  func linked() throws {
    try withUsers { (shop) throws in
      for text in ["me", "me:staff", "5:staff"] {
        let problem = try shop.failure("FROM scratch\nCOPY d /\nCOPY --link --chown=\(text) f /x\n")
        #expect(problem.kind == .namesWithLink(text))
        #expect(problem.instruction == 2)
      }
      let image = try shop.build("FROM scratch\nCOPY d /\nCOPY --link --chown=5:6 f /x\n")
      #expect(image.files["x"]?.owner == Owner(uid: 5, gid: 6))
    }
  }
}
