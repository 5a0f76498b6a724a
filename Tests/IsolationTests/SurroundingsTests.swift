import Glibc
import Testing

@testable import Isolation

extension Running {
  @Suite("What a process sees")
  struct Surroundings {
    let sandbox: Sandbox

    init() throws { sandbox = try Sandbox() }

    @Test("The environment is the given one and nothing else", arguments: Sandbox.namespaces)
    func environment(namespace: UserNamespace) throws {
      var spec = sandbox.spec(["/bin/busybox", "env"])
      spec.environment = [
        EnvironmentVariable(name: bytes("B"), value: bytes("two words")),
        EnvironmentVariable(name: bytes("A"), value: []),
      ]
      #expect(try outcome(spec, namespace).output == "B=two words\nA=\n")
    }

    @Test("Umask, standard input, host name, working directory", arguments: Sandbox.namespaces)
    func basics(namespace: UserNamespace) throws {
      let previous = umask(0o077)
      defer { umask(previous) }
      var spec = sandbox.script("umask; hostname; pwd; wc -c; readlink /proc/self/fd/0")
      spec.workingDirectory = bytes("/tmp")
      #expect(try outcome(spec, namespace).output == "0022\nbuildkitsandbox\n/tmp\n0\n/dev/null\n")
      spec.hostname = bytes("other")
      #expect(try outcome(spec, namespace).output.contains("other\n"))
    }

    @Test(
      "R08: it is user 0, with docker's capabilities at most, also in the bounding set",
      arguments: Sandbox.namespaces)
    func identity(namespace: UserNamespace) throws {
      let spec = sandbox.script("id -u; id -g; grep -E '^(Cap|NoNewPrivs)' /proc/self/status")
      let lines = try outcome(spec, namespace).output.split(separator: "\n").map(String.init)
      #expect(lines.prefix(2) == ["0", "0"])
      #expect(lines.contains("CapInh:\t0000000000000000"))
      #expect(lines.contains("CapPrm:\t00000000a80425fb"))
      #expect(lines.contains("CapEff:\t00000000a80425fb"))
      #expect(lines.contains("CapBnd:\t00000000a80425fb"))
      #expect(lines.contains("CapAmb:\t0000000000000000"))
      #expect(lines.contains("NoNewPrivs:\t0"))
    }

    @Test("It sees its own processes only", arguments: Sandbox.namespaces)
    func processes(namespace: UserNamespace) throws {
      let output = try outcome(sandbox.script("ps -o pid,comm; true"), namespace).output
      let pids = output.split(separator: "\n").dropFirst().compactMap { line in
        line.split(separator: " ").first.map { String($0) }
      }
      #expect(pids.first == "1")
      #expect(pids.count == 2)
    }

    @Test("No descriptor is inherited, whatever the caller has open", arguments: Sandbox.namespaces)
    func descriptors(namespace: UserNamespace) throws {
      let leaky = dup2(1, 77)
      defer { _ = close(leaky) }
      let output = try outcome(sandbox.script("ls /proc/1/fd; true"), namespace)
        .output
      #expect(output == "0\n1\n2\n")
    }

    @Test("Signals that the caller ignores or blocks are as usual", arguments: Sandbox.namespaces)
    func signals(namespace: UserNamespace) throws {
      let previous = signal(SIGUSR2, SIG_IGN)
      defer { _ = signal(SIGUSR2, previous) }
      let spec = sandbox.spec(["grep", "-E", "^Sig(Ign|Blk)", "/proc/self/status"])
      let output = try outcome(spec, namespace).output
      #expect(output == "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n")
    }

    @Test("Its session is its own", arguments: Sandbox.namespaces)
    func session(namespace: UserNamespace) throws {
      // Fields 4 to 7 of proc_pid_stat(5): parent, group, session, terminal.
      let spec = sandbox.script(
        "read a b c ppid pgrp session tty rest < /proc/1/stat; echo $ppid $pgrp $session $tty")
      #expect(try outcome(spec, namespace).output == "0 1 1 0\n")
    }

    @Test("Limits are set", arguments: Sandbox.namespaces)
    func limits(namespace: UserNamespace) throws {
      var spec = sandbox.script("ulimit -S -n; ulimit -H -n")
      spec.limits = [ResourceLimit(.openFiles, soft: 64, hard: 128)]
      #expect(try outcome(spec, namespace).output == "64\n128\n")
    }

    @Test("No core is dumped, not even into the program of core_pattern", arguments: Sandbox.namespaces)
    func cores(namespace: UserNamespace) throws {
      let spec = sandbox.script("grep -i core /proc/self/limits; cd /tmp; sh -c 'kill -SEGV $$'; ls -A")
      let words = try outcome(spec, namespace).output.split { $0 == " " || $0 == "\n" }.map(String.init)
      let value = try #require(words.count > 5 ? words[4] : nil)
      #expect(["0", "1"].contains(value) && words[5] == value)
      #expect(words.suffix(1) == ["bytes"], "nothing lies in /tmp")
    }

    @Test("R08: docker's filter of system calls is on, also in what it starts", arguments: Sandbox.namespaces)
    func filter(namespace: UserNamespace) throws {
      let spec = sandbox.script(
        "grep Seccomp: /proc/self/status; unshare -U true; unshare -m true; mount -t tmpfs none /tmp; chown 0:0 /tmp"
      )
      let result = try outcome(spec, namespace)
      #expect(result.output == "Seccomp:\t2\n")
      #expect(result.error.split(separator: "\n").count == 3)
      #expect(result.status == .exited(0))
    }

    @Test(
      "A command that forks forever is limited, and ends",
      .enabled(if: MachineProbe.limitsProcessesByNamespace, "needs Linux 6.14"), arguments: Sandbox.namespaces
    )
    func forkBomb(namespace: UserNamespace) throws {
      let before = readHostFile("/proc/sys/kernel/pid_max", limit: 64)
      var spec = sandbox.script(
        "i=0; while [ $i -lt 1000 ]; do sleep 1000 & i=$((i+1)); done 2>&1; echo too many")
      spec.processLimit = 400
      let result = try outcome(spec, namespace)
      #expect(!result.output.contains("too many"), "a shell ends when it cannot fork")
      #expect(result.status != .exited(0))
      #expect(result.output.contains("fork"))
      #expect(readHostFile("/proc/sys/kernel/pid_max", limit: 64) == before, "the host's is untouched")
    }

    @Test("Network none has a loopback interface, up, and nothing else", arguments: Sandbox.namespaces)
    func networkNone(namespace: UserNamespace) throws {
      var spec = sandbox.script(
        "grep -c : /proc/net/dev; grep -c ' lo:' /proc/net/dev; ls /sys/class/net; cat /sys/class/net/lo/flags; nc 127.0.0.1 9; echo $?"
      )
      spec.network = .none
      let result = try outcome(spec, namespace)
      #expect(result.output == "1\n1\nlo\n0x9\n1\n")
      #expect(result.error.contains("refused"))
    }

    @Test("Network host shows the host's interfaces", arguments: Sandbox.namespaces)
    func networkHost(namespace: UserNamespace) throws {
      let host = readHostFile("/proc/net/dev", limit: 1 << 20) ?? []
      let interfaces = host.split(separator: 0x0A).count { $0.contains(0x3A) }
      for network in [Network.host, .default] {
        var spec = sandbox.script("grep -c : /proc/net/dev")
        spec.network = network
        #expect(try outcome(spec, namespace).output == "\(interfaces)\n")
      }
    }

    @Test(
      "Another user runs without capabilities, with its groups, and may reopen its output",
      .enabled(if: Sandbox.namespaces != [.single], "needs root or a range in /etc/subuid"),
      arguments: Sandbox.namespaces.filter { $0 != .single })
    func otherUser(namespace: UserNamespace) throws {
      var spec = sandbox.script(
        "id -u; id -g; id -G; grep CapEff /proc/self/status; echo out > /dev/stdout; touch /etc/x; true")
      spec.user = ProcessUser(uid: 1000, gid: 50, groups: [60, 70])
      let result = try outcome(spec, namespace)
      #expect(result.output == "1000\n50\n50 60 70\nCapEff:\t0000000000000000\nout\n")
      #expect(result.error.contains("Permission denied"))
    }

    @Test("With a single user in the namespace another one is refused by name")
    func unmappable() throws {
      var spec = sandbox.script("true")
      spec.user = ProcessUser(uid: 1000, gid: 0)
      #expect(throws: IsolationError.userNotMappable(uid: 1000)) { try outcome(spec, .single) }
      spec.user = ProcessUser(uid: 0, gid: 5)
      #expect(throws: IsolationError.groupNotMappable(gid: 5)) { try outcome(spec, .single) }
      spec.user = ProcessUser(uid: 0, gid: 0, groups: [7])
      #expect(throws: IsolationError.groupNotMappable(gid: 7)) { try outcome(spec, .single) }
    }

    @Test(
      "With a range of identities files can belong to other users", .enabled(if: Sandbox.isRoot, "needs root")
    )
    func ranges() throws {
      let outside = [
        IDRange(inside: 0, outside: 0, count: 1), IDRange(inside: 1, outside: 200_000, count: 65536),
      ]
      let namespace = UserNamespace.ranges(IDMapping(users: outside, groups: outside))
      var spec = sandbox.script("touch /tmp/f && chown 33:44 /tmp/f && stat -c %u:%g /tmp/f")
      #expect(try outcome(spec, namespace).output == "33:44\n")
      #expect(try sandbox.status("root/tmp/f").st_uid == 200_032)
      spec = sandbox.script("id -u; id -G; echo out > /dev/stdout")
      spec.user = ProcessUser(uid: 33, gid: 44, groups: [55])
      #expect(try outcome(spec, namespace).output == "33\n44 55\nout\n")
      spec.user = ProcessUser(uid: 70000, gid: 0)
      #expect(throws: IsolationError.userNotMappable(uid: 70000)) { try outcome(spec, namespace) }
    }
  }
}
