import Testing

@testable import Isolation

@Suite("Users and groups of an image")
struct UserDatabaseTests {
  static let passwd = """
    root:x:0:0:root:/root:/bin/sh
    # a comment
    daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin

    broken line
    bad:x:one:1::/:/bin/sh
    lp:x:4:7:lp:/var/spool/lpd:/usr/sbin/nologin
    app:x:1234:1000::/home/app:/bin/sh
    app:x:4321:4321::/home/second:/bin/sh
    1000:x:77:77::/seventyseven:/bin/sh
    homeless:x:9:9::
    short:x:10:10
    last:x:4294967294:5::/last:/bin/sh
    """
  static let group = """
    root:x:0:
    daemon:x:1:
    staff:x:50:app,other
    audio:x:29:other,app,lp
    staff:x:51:app
    nomembers:x:60
    """
  static let database = UserDatabase(passwd: bytes(passwd), group: bytes(group))

  @Test(
    "USER names whom a command runs as",
    arguments: [
      ("", ProcessUser(uid: 0, gid: 0)),
      ("root", ProcessUser(uid: 0, gid: 0)),
      ("lp", ProcessUser(uid: 4, gid: 7, groups: [29])),
      ("app", ProcessUser(uid: 1234, gid: 1000, groups: [50, 29, 51])),
      ("app:", ProcessUser(uid: 1234, gid: 1000, groups: [50, 29, 51])),
      ("app:staff", ProcessUser(uid: 1234, gid: 50)),
      ("app:5", ProcessUser(uid: 1234, gid: 5)),
      ("1234", ProcessUser(uid: 1234, gid: 1000, groups: [50, 29, 51])),
      ("5555", ProcessUser(uid: 5555, gid: 0)),
      ("5555:5", ProcessUser(uid: 5555, gid: 5)),
      ("5555:staff", ProcessUser(uid: 5555, gid: 50)),
      ("1000", ProcessUser(uid: 1000, gid: 0)),
      (":staff", ProcessUser(uid: 0, gid: 50)),
      ("last", ProcessUser(uid: 4_294_967_294, gid: 5)),
      ("short", ProcessUser(uid: 10, gid: 10)),
    ])
  func processUser(text: String, user: ProcessUser) throws {
    #expect(try Self.database.processUser(bytes(text)) == user)
  }

  @Test(
    "--chown names whom a file belongs to",
    arguments: [
      ("lp", 4, 7), ("4", 4, 4), ("daemon:", 1, 0), (":staff", 0, 50), ("lp:staff", 4, 50), ("lp:50", 4, 50),
      ("4:staff", 4, 50), ("4:50", 4, 50), ("1000", 1000, 1000), ("3000000:3000001", 3_000_000, 3_000_001),
      ("1234", 1234, 1234), ("4294967294", 4_294_967_294, 4_294_967_294), ("app", 1234, 1000),
    ] as [(String, UInt32, UInt32)])
  func owner(text: String, uid: UInt32, gid: UInt32) throws {
    let owner = try Self.database.owner(bytes(text))
    #expect(owner.uid == uid && owner.gid == gid)
  }

  @Test(
    "What has no number is an error",
    arguments: [
      ("nobody", UserLookupError.unknownUser(bytes("nobody"))), ("bad", .unknownUser(bytes("bad"))),
      ("lp:none", .unknownGroup(bytes("none"))), ("4294967295", .outOfRange(bytes("4294967295"))),
      ("99999999999999999999999", .outOfRange(bytes("99999999999999999999999"))),
      ("lp:4294967295", .outOfRange(bytes("4294967295"))), ("-1", .unknownUser(bytes("-1"))),
    ])
  func errors(text: String, error: UserLookupError) {
    #expect(throws: error) { try Self.database.processUser(bytes(text)) }
    #expect(throws: error) { try Self.database.owner(bytes(text)) }
  }

  @Test("An image without the files knows numbers only")
  func withoutFiles() throws {
    let empty = UserDatabase(passwd: nil, group: nil)
    #expect(try empty.processUser(bytes("5:6")) == ProcessUser(uid: 5, gid: 6))
    #expect(try empty.processUser([]) == .root)
    #expect(try empty.owner(bytes("5")) == (5, 5))
    #expect(throws: UserLookupError.noUserFile(bytes("lp"))) { try empty.owner(bytes("lp")) }
    #expect(throws: UserLookupError.noGroupFile(bytes("staff"))) { try empty.owner(bytes("5:staff")) }
    #expect(empty.home(uid: 0) == bytes("/"))
  }

  @Test(
    "HOME is the user's, or the root directory",
    arguments: [(0, "/root"), (1234, "/home/app"), (9, "/"), (10, "/"), (5, "/"), (4321, "/home/second")]
      as [(UInt32, String)])
  func home(uid: UInt32, path: String) {
    #expect(Self.database.home(uid: uid) == bytes(path))
  }

  @Test("Subordinate identities go by name or number, and must be enough")
  func subordinate() {
    let subuid = bytes("other:1:65536\n# c\nme:100000:1000\nme:200000:65536\nme:300000:70000\n")
    let subgid = bytes("1000:400000:70000")
    let mapping = IDMapping.subordinate(
      name: bytes("me"), uid: 1000, gid: 100, subuid: subuid, subgid: subgid)
    #expect(
      mapping
        == IDMapping(
          users: [
            IDRange(inside: 0, outside: 1000, count: 1), IDRange(inside: 1, outside: 200_000, count: 65536),
          ],
          groups: [
            IDRange(inside: 0, outside: 100, count: 1), IDRange(inside: 1, outside: 400_000, count: 70000),
          ]))
    #expect(IDMapping.subordinate(name: nil, uid: 7, gid: 7, subuid: subuid, subgid: subgid) == nil)
    #expect(
      IDMapping.subordinate(
        name: bytes("me"), uid: 1, gid: 1, subuid: bytes("me:4294900000:70000"), subgid: subgid) == nil)
  }
}
