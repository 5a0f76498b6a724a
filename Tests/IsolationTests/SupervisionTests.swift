import FileTree
import Glibc
import Testing

@testable import Isolation

extension Running {
  /// What a process finds in a namespace of one user when a `Supervisor` answers for the others.
  @Suite("One user who is many", .enabled(if: Sandbox.isRoot, "needs root, to change roots"))
  struct Supervision {
    let sandbox: Sandbox
    let ledger = OwnerLedger()

    init() throws {
      sandbox = try Sandbox()
      try sandbox.write(
        "root:x:0:0::/:/bin/sh\na:x:33:33::/:/bin/sh\nb:x:50:50::/:/bin/sh\n", to: "root/etc/passwd")
    }

    private func run(_ text: String, as user: ProcessUser = .root) throws -> Outcome {
      var spec = sandbox.script(text)
      spec.ledger = ledger
      spec.user = user
      return try outcome(spec, .single)
    }

    /// What a file carries.
    private func mark(_ path: String) throws -> String? {
      let directory = try Directory(opening: BytePath("\(sandbox.root)"))
      return try directory.attribute(BytePath(path), OwnerMark.name).map {
        String(decoding: $0, as: UTF8.self)
      }
    }

    private func noted(_ path: String) throws -> Owner? {
      let directory = try Directory(opening: BytePath("\(sandbox.root)"))
      let status = try directory.status(BytePath(path))
      return ledger.owners.record(inode: status.inode, born: try directory.born(BytePath(path)))?.owner
    }

    @Test("A file is given away, and carries whose it is through a rename, a link and a change of half of it")
    func givenAway() throws {
      let result = try run(
        """
        cd /tmp && touch a b c && mkdir d && chown 33:44 a d && chown 33 b && chown :44 c
        mv a e && ln e f && chown 7 e
        """)
      #expect(result.status == .exited(0), "\(result.error)")
      #expect(try mark("tmp/e") == "7:44")
      #expect(try mark("tmp/f") == "7:44")
      #expect(try mark("tmp/d") == "33:44")
      #expect(try mark("tmp/b") == "33:0")
      #expect(try mark("tmp/c") == "0:44")
      #expect(try sandbox.status("root/tmp/e").st_uid == geteuid())
    }

    @Test("A file that is given back to root has no record")
    func givenBack() throws {
      #expect(try run("touch /f && chown 33:33 /f && chown 0:0 /f && chown 0:0 /bin").status == .exited(0))
      #expect(try mark("f") == nil)
    }

    @Test("A link is noted itself with -h, and what it leads to without; a fifo is noted")
    func links() throws {
      let result = try run(
        "cd /tmp && touch a && ln -s a l && ln -s /tmp/a m && mkfifo p && chown -h 1:2 l && chown 3:4 m && chown 5:6 p && mv l n"
      )
      #expect(result.status == .exited(0), "\(result.error)")
      #expect(try mark("tmp/a") == "3:4")
      #expect(try noted("tmp/n") == Owner(uid: 1, gid: 2))
      #expect(try noted("tmp/m") == nil)
      #expect(try noted("tmp/p") == Owner(uid: 5, gid: 6))
    }

    @Test("A new link is not taken for the one whose inode it got")
    func recycledInode() throws {
      #expect(
        try run("cd /tmp; for i in 1 2 3 4; do ln -s a l; chown -h 1:2 l; rm l; ln -s b k$i; done").status
          == .exited(0))
      for index in 1...4 { #expect(try noted("tmp/k\(index)") == nil) }
    }

    @Test("A change of owner takes the set-id bits, as the kernel does; the mode set afterwards stays")
    func setIDBits() throws {
      #expect(
        try run("cd /tmp && touch a b && chmod 6755 a b && chown 1:1 a b && chmod 4755 b").status
          == .exited(0))
      #expect(try sandbox.status("root/tmp/a").st_mode & 0o7777 == 0o755)
      #expect(try sandbox.status("root/tmp/b").st_mode & 0o7777 == 0o4755)
    }

    @Test("What is not there, or not the caller's to give, is an error as ever")
    func errors() throws {
      let result = try run(
        """
        chown 1 /missing; chown 1 /bin/busybox/x; ln -s /loop /loop; chown 1 /loop; touch /f /g; chown 50:60 /f
        start-stop-daemon -S -c 50:60 -n none -x /bin/chown -- 51 /f; start-stop-daemon -S -c 50:60 -n none -x /bin/chown -- 50:60 /f
        start-stop-daemon -S -c 50:60 -n none -x /bin/chown -- :61 /f; start-stop-daemon -S -c 50:60 -n none -x /bin/chown -- 50 /g
        """)
      let lines = result.error.split(separator: "\n")
      #expect(lines.count == 6, "\(result.error)")
      #expect(result.error.contains("/missing: No such file or directory"))
      #expect(result.error.contains("/bin/busybox/x: Not a directory"))
      #expect(lines.suffix(3).allSatisfy { $0.hasSuffix("Operation not permitted") })
      #expect(try mark("f") == "50:60")
    }

    @Test("The process is whom it was told to be, and its children too")
    func whoItIs() throws {
      let result = try run(
        "id -u; id -g; id -G; sh -c 'id -u; id -u root 2>&1; chown 5 /tmp; true'",
        as: ProcessUser(uid: 33, gid: 44, groups: [44, 55]))
      #expect(result.output.hasPrefix("33\n44\n44 55\n33\n"), "\(result.output)")
      #expect(result.error.contains("Operation not permitted"))
    }

    @Test("A process that becomes another user stays it, and its parent does not")
    func becomesAnother() throws {
      let result = try run(
        "start-stop-daemon -S -c 33:44 -n none -x /bin/sh -- -c 'id -u; id -g; start-stop-daemon -S -c 0:0 -n none -x /bin/id 2>&1'; id -u"
      )
      #expect(result.output.hasPrefix("33\n44\n"), "\(result.output)")
      #expect(result.output.hasSuffix("\n0\n"), "\(result.output)")
      #expect(result.output.contains("Operation not permitted"), "\(result.output)")
    }

    @Test("A set-id program runs as its owner, and a script does not")
    func setIDProgram() throws {
      // busybox's crontab says whether its effective user is root.
      let result = try run(
        """
        cp /bin/busybox /tmp/crontab; as="start-stop-daemon -S -c 50:60 -n none -x"
        for owner in 0 33; do $as /tmp/crontab -- -l; chown $owner /tmp/crontab; chmod 4755 /tmp/crontab; $as /tmp/crontab -- -l; done
        printf '#!/bin/sh\\nid -u\\n' > /tmp/script && chmod 4755 /tmp/script && $as /tmp/script
        """)
      let isRoot = result.error.split(separator: "\n").map { !$0.contains("must be suid") }
      #expect(isRoot == [false, true, true, false], "\(result.error)")
      #expect(result.output == "50\n")
    }

    @Test("A process that has changed its root is understood in it")
    func changedRoot() throws {
      let result = try run(
        """
        mkdir -p /r/bin /r/tmp && cp /bin/busybox /r/bin/ && ln -s busybox /r/bin/sh && ln -s busybox /r/bin/chown
        touch /r/tmp/a /tmp/a && ln -s /tmp/a /r/l && chroot /r chown 1:2 /tmp/a && chroot /r sh -c 'cd /tmp && chown 3:4 /l'
        """)
      #expect(result.status == .exited(0), "\(result.error)")
      #expect(try mark("r/tmp/a") == "3:4")
      #expect(try mark("tmp/a") == nil)
    }

    @Test("Descriptors are files too, and what is mounted into the step is no concern of it")
    func descriptors() throws {
      let result = try run(
        "touch /f; exec 5>/f; chown 1:2 /proc/self/fd/5 && chown 3 /dev/stdout && chown 4 /dev/null; id -u")
      #expect(result.status == .exited(0), "\(result.error)")
      #expect(result.output == "0\n")
    }

    @Test("The limit that holds the credentials is not the process's to set")
    func limit() throws {
      let result = try run(
        "ulimit -x 0 2>/dev/null; start-stop-daemon -S -c 33:44 -n none -x /bin/sh -- -c 'ulimit -x 7 2>/dev/null; id -u'"
      )
      #expect(result.output == "33\n", "\(result.output) \(result.error)")
    }
  }
}

/// Whom a process may become.
@Suite("Credentials change as the kernel changes them")
struct CredentialTests {
  private let user = Credentials(ProcessUser(uid: 10, gid: 20, groups: [30]))

  /// A check of what changes something on the way, which `#expect` cannot look into.
  private func check(_ value: Bool, at location: SourceLocation = #_sourceLocation) {
    #expect(value, sourceLocation: location)
  }

  private func identities(_ real: UInt32, _ effective: UInt32, _ saved: UInt32, _ file: UInt32)
    -> Credentials.Identities
  {
    var result = Credentials.Identities(real)
    (result.effective, result.saved, result.file) = (effective, saved, file)
    return result
  }

  @Test("root's setuid is for good, another's is between what it has") func setuid() {
    var it = Credentials.root
    check(it.set(\.user, 10))
    #expect(it.user == identities(10, 10, 10, 10))
    check(!it.set(\.user, 0))
    it.user = identities(10, 11, 12, 11)
    #expect(it.capabilities == .none)
    check(it.set(\.user, 12))
    #expect(it.user == identities(10, 12, 12, 12))
    check(!it.set(\.user, 11))
  }

  @Test("the saved user lets a process come back") func saved() {
    var it = Credentials.root
    check(it.set(\.user, real: .max, effective: 10, saved: .max))
    #expect(it.user == identities(0, 10, 0, 10))
    #expect(it.capabilities == Capabilities(effective: 0, permitted: Capabilities.containers))
    check(it.set(\.user, real: .max, effective: 0, saved: .max))
    #expect(it.capabilities == .root)
    check(it.set(\.user, real: 10, effective: 10, saved: 10))
    check(!it.set(\.user, real: .max, effective: 0, saved: .max))
  }

  @Test("setreuid sets the saved user where the real one is set, or the effective one is not the real one")
  func setreuid() {
    var it = Credentials.root
    check(it.set(\.user, real: .max, effective: 10))
    #expect(it.user == identities(0, 10, 10, 10))
    it = user
    check(!it.set(\.user, real: 11, effective: .max))
    check(it.set(\.user, real: .max, effective: 10))
    #expect(it.user == identities(10, 10, 10, 10))
    it.user = identities(10, 11, 11, 11)
    check(it.set(\.user, real: 11, effective: 10))
    #expect(it.user == identities(11, 10, 10, 10))
  }

  @Test("groups go with the privilege of the user") func groups() {
    var it = Credentials.root
    check(it.set(\.group, 5))
    check(it.setGroups([6, 7]))
    #expect(it.isMember(of: 5) && it.isMember(of: 7) && !it.isMember(of: 8))
    check(it.set(\.user, 10))
    check(!it.set(\.group, 6))
    check(!it.setGroups([]))
    check(it.set(\.group, 5))
  }

  @Test("setfsuid tells what was, and does nothing without the right") func setfsuid() {
    var it = user
    check(it.setFile(\.user, 0) == 10)
    check(it.setFile(\.user, .max) == 10)
    it = .root
    check(it.setFile(\.user, 10) == 0)
    #expect(it.user == identities(0, 0, 0, 10))
    check(it.setFile(\.user, .max) == 10)
  }

  @Test("a set-id program changes who counts, and a program at all what is saved") func execute() {
    var it = user
    it.execute(settingUser: 0, settingGroup: nil)
    #expect(it.user == identities(10, 0, 0, 0))
    #expect(it.group == Credentials.Identities(20))
    it = user
    it.user = identities(10, 10, 0, 10)
    it.execute(settingUser: nil, settingGroup: nil)
    #expect(it.user == identities(10, 10, 10, 10))
  }

  @Test("with capabilities that are kept, another user becomes whom it wants after raising them") func kept()
  {
    var it = Credentials.root
    it.capabilities.areKept = true
    check(it.set(\.user, real: 10, effective: 10, saved: 10))
    check(!it.set(\.group, 20))
    let all = Capabilities.containers
    check(it.capabilities.set(effective: 1 << 6, permitted: all, inheritable: 0))
    check(it.set(\.group, 20))
    check(!it.set(\.user, 11))
    check(!it.capabilities.set(effective: all | 1 << 21, permitted: all | 1 << 21, inheritable: 0))
    check(it.capabilities.set(effective: 0, permitted: 0, inheritable: 0))
    check(!it.capabilities.set(effective: 1 << 6, permitted: 1 << 6, inheritable: 0))
    it.execute(settingUser: 0, settingGroup: nil)
    #expect(it.capabilities == .root)
  }

  @Test("only root gives away; an owner changes the group to one of its own") func chown() {
    let mine = (uid: UInt32(10), gid: UInt32(99))
    #expect(Credentials.root.mayChange(uid: 1, gid: 1, from: mine))
    #expect(!user.mayChange(uid: 11, gid: .max, from: mine))
    #expect(user.mayChange(uid: 10, gid: 30, from: mine))
    #expect(user.mayChange(uid: .max, gid: 20, from: mine))
    #expect(user.mayChange(uid: .max, gid: 99, from: mine))
    #expect(!user.mayChange(uid: .max, gid: 31, from: mine))
    #expect(!user.mayChange(uid: .max, gid: 20, from: (11, 20)))
  }

  @Test("a state has one number, and a number that was not given out counts for nothing") func table() {
    var table = CredentialTable(user)
    let state = CredentialTable.State(credentials: .root, mask: 0)
    let tag = table.tag(of: state)
    check(table.tag(of: state) == tag)
    #expect(table[tag] == state)
    for other in [UInt64.max, 7, 1 << 63] { #expect(table[other].credentials == user) }
  }
}

@Suite("Access control lists")
struct AccessListTests {
  private func list(_ entries: [(tag: UInt8, permissions: UInt8, id: UInt8)]) -> [UInt8] {
    [2, 0, 0, 0] + entries.flatMap { [$0.tag, 0, $0.permissions, 0, $0.id, 0, 0, 0] }
  }

  @Test("the group of a mode is the mask of a list, if it has one") func permissions() {
    let plain = [(UInt8(1), UInt8(6), UInt8(0)), (4, 4, 0), (32, 0, 0)]
    #expect(AccessList.permissions(of: list(plain)) == 0o640)
    #expect(AccessList.permissions(of: list(plain + [(2, 7, 50), (16, 7, 0)])) == 0o670)
  }

  @Test("what is no list gives no mode") func malformed() {
    for value in [
      [], [2], [1, 0, 0, 0], [2, 0, 0, 0], list([(1, 7, 0)]), list([(1, 7, 0), (4, 7, 0), (32, 7, 0)]) + [1],
    ] {
      #expect(AccessList.permissions(of: value) == nil)
    }
  }
}
