import FileTree
import Glibc
import Testing

@testable import Isolation

extension Running {
  /// What processes with identities of their own find when a `Supervisor` answers for what the disk cannot hold.
  @Suite("Users who are not all", .enabled(if: Sandbox.isRoot, "needs root, to have users"))
  struct RealOwners {
    let sandbox: Sandbox
    let ledger = OwnerLedger()

    init() throws { sandbox = try Sandbox() }

    private func run(
      _ text: String, as user: ProcessUser = .root, emulated: Bool = false
    ) throws -> Outcome {
      var spec = sandbox.script(text)
      spec.ledger = ledger
      spec.emulatesUsers = emulated
      spec.user = user
      let ids = [IDRange(inside: 0, outside: 0, count: 1000)]
      return try outcome(spec, .ranges(IDMapping(users: ids, groups: ids)))
    }

    private func mark(_ path: String) throws -> String? {
      let directory = try Directory(opening: BytePath("\(sandbox.root)"))
      return try directory.attribute(BytePath(path), OwnerMark.name).map {
        String(decoding: $0, as: UTF8.self)
      }
    }

    private func owner(_ path: String) throws -> [UInt32] {
      let status = try sandbox.status("root/" + path)
      return [status.st_uid, status.st_gid]
    }

    @Test("What the disk holds is on it, and what it does not is recorded and shown")
    func given() throws {
      let result = try run(
        """
        cd /tmp && touch a b c && chown 33:44 a && chown 2000:44 b && chown 2000 c && chown 5:6 c
        stat -c '%n %u:%g' a b c
        """)
      #expect(result.status == .exited(0), "\(result.error)")
      #expect(result.output == "a 33:44\nb 2000:44\nc 5:6\n")
      #expect(try owner("tmp/a") == [33, 44])
      #expect(try mark("tmp/a") == nil)
      #expect(try owner("tmp/b") == [0, 44])
      #expect(try mark("tmp/b") == "2000:44")
      #expect(try owner("tmp/c") == [5, 6])
      #expect(try mark("tmp/c") == nil)
    }

    @Test("A device is an empty file with a record, for root alone")
    func devices() throws {
      let made = try run(
        "cd /tmp && mknod -m 640 n c 1 3 && chown 7 n && stat -c '%F %t:%T %u %a' n && mkfifo p && chmod 777 ."
      )
      #expect(made.status == .exited(0), "\(made.error)")
      #expect(made.output == "character special file 1:3 7 640\n")
      #expect(try mark("tmp/n") == "7:0:20640:259:")
      let refused = try run(
        "! mknod /tmp/d c 1 3 && ! chown 2000 /tmp/p && mkfifo /tmp/q", as: ProcessUser(uid: 50, gid: 60))
      #expect(refused.status == .exited(0), "\(refused.error)")
      #expect(try owner("tmp/q") == [50, 60])
    }

    @Test("A change of owner takes the set-id bits away, whoever carries it out")
    func setIdentity() throws {
      let result = try run(
        "cd /tmp && touch a b && chmod 6755 a b && chown 2000 a && chown 20 b && stat -c '%a' a b")
      #expect(result.output == "755\n755\n", "\(result.error)")
    }

    @Test("Users who are not there are emulated on demand, and the disk has what it can hold of their files")
    func emulated() throws {
      #expect(throws: IsolationError.userNotMappable(uid: 2000)) {
        try run("true", as: ProcessUser(uid: 2000, gid: 3000))
      }
      let result = try run(
        """
        umask 022; cd /tmp && id -u && id -g && mkdir d && touch d/f d/g && mkfifo d/p && chmod 2777 d && ! chown 33 d/f
        chown 2000:60 d/g && stat -c '%n %u:%g' d d/f d/g
        """, as: ProcessUser(uid: 2000, gid: 50, groups: [60]), emulated: true)
      #expect(result.status == .exited(0), "\(result.error)")
      #expect(result.output == "2000\n50\nd 2000:50\nd/f 2000:50\nd/g 2000:60\n")
      #expect(try owner("tmp/d/f") == [0, 50])
      #expect(try mark("tmp/d/f") == "2000:50")
      #expect(try owner("tmp/d/g") == [0, 60])
      let inherited = try run(
        "touch /tmp/d/h && cd /tmp && touch i && chmod 6755 i && chown 40:41 i", as: .root, emulated: true)
      #expect(inherited.status == .exited(0), "\(inherited.error)")
      #expect(try owner("tmp/d/h") == [0, 50])
      #expect(try owner("tmp/i") == [40, 41])
      #expect(try mark("tmp/i") == nil && sandbox.status("root/tmp/i").st_mode & 0o7777 == 0o755)
    }

    @Test("A record is not for a command to write")
    func record() throws {
      let result = try run("touch /tmp/a && chown 2000 /tmp/a && chown 3000 /tmp/a && mv /tmp/a /tmp/b")
      #expect(result.status == .exited(0), "\(result.error)")
      #expect(try mark("tmp/b") == "3000:0")
    }
  }
}
