import Glibc
import TestSupport
import Testing

/// The build cache of `slipway build`, `prune` and `verify`, as they are called.
@Suite("slipway build, the cache", .enabled(if: Processes.slipway != nil, "the program has not been built"))
struct CacheCommandTests {
  private struct Desk {
    let folder: String

    func run(_ arguments: [String]) throws -> ProcessResult {
      try Processes.run(try #require(Processes.slipway), arguments, environment: environment, folder: folder)
    }

    private var environment: [String: String?] {
      [
        "HOME": folder, "SLIPWAY_ROOT": folder + "/store", "SOURCE_DATE_EPOCH": "1700000000", "TERM": "dumb",
        "SLIPWAY": Processes.slipway,
      ]
    }

    func build(_ arguments: String...) throws -> ProcessResult {
      let result = try run(["build"] + arguments)
      #expect(result.status == 0, "\(arguments): \(result.errorText)")
      return result
    }

    func write(_ path: String, _ text: String) throws {
      try Files.write(Array(text.utf8), to: folder + "/" + path)
    }

    /// Runs a script, which finds the program in `$SLIPWAY`.
    func script(_ text: String, with program: [String] = ["bash", "-c"]) throws -> ProcessResult {
      try Processes.run(
        program[0], Array(program.dropFirst()) + [text], environment: environment, folder: folder)
    }
  }

  /// A context `c` with two stages.
  private func withDesk(_ body: (Desk) throws -> Void) throws {
    try Files.withTemporaryFolder { folder in
      let desk = Desk(folder: folder)
      try desk.write("c/one", "1\n")
      try desk.write("c/two", "2\n")
      try desk.write(
        "c/Dockerfile",
        "FROM scratch AS first\nCOPY one /one\nFROM scratch\nCOPY --from=first /one /1\nCOPY two /2\nWORKDIR /w\n"
      )
      try body(desk)
    }
  }

  private static let hasBusybox = Files.exists("/bin/busybox")

  /// Steps with commands, on a base made of busybox.
  private func writeCommands(_ desk: Desk) throws {
    try Files.write(try Files.read("/bin/busybox"), to: desk.folder + "/c/busybox")
    _ = unsafe chmod(desk.folder + "/c/busybox", 0o755)
    try desk.write(
      "c/Dockerfile",
      """
      FROM scratch AS base
      COPY busybox /bin/busybox
      RUN ["/bin/busybox", "--install", "-s", "/bin"]
      FROM base AS left
      COPY one /one
      RUN echo executed && mkdir -p /a/b && cp /one /a/b && dd if=/dev/zero of=/a/zero bs=64k count=8
      FROM base AS right
      COPY two /two
      RUN echo executed && for i in $(seq 50); do cp /two /t$i; done
      FROM base
      COPY --from=left /a /a
      COPY --from=right / /r
      RUN echo executed && cat /a/b/one /r/two > /both && rm /bin/vi

      """)
  }

  @Test("The second build finds every step, and says so; --no-cache and --no-cache-filter execute them")
  func hits() throws {
    try withDesk { desk in
      let cold = try desk.build("-q", "--explain-cache", "c")
      #expect(cold.errorText.split(separator: "\n").count { $0.hasSuffix("not built before") } == 4)
      let warm = try desk.build("--progress", "plain", "-t", "x", "c")
      #expect(warm.errorText.split(separator: "\n").count { $0.hasSuffix(" CACHED") } == 4)
      #expect(warm.outputText.hasPrefix(cold.outputText.dropLast()))
      let none = try desk.build("-q", "--explain-cache", "--no-cache", "c")
      #expect(none.errorText.split(separator: "\n").count { $0.contains("--no-cache") } == 4)
      let some = try desk.build("-q", "--explain-cache", "--no-cache-filter", "first,other", "c")
      #expect(
        some.errorText == """
          [first 1/1] COPY one /one: cache: miss: --no-cache or --no-cache-filter asks for it
          [stage-1 1/3] COPY --from=first /one /1: cache: hit
          [stage-1 2/3] COPY two /2: cache: hit
          [stage-1 3/3] WORKDIR /w: cache: hit

          """)
      for result in [none, some] { #expect(result.outputText == cold.outputText) }
    }
  }

  @Test("--explain-cache names what has changed, and the steps behind it say that it was above them")
  func explained() throws {
    try withDesk { desk in
      _ = try desk.build("c")
      try desk.write("c/two", "3\n")
      let changed = try desk.build("-q", "--explain-cache", "c")
      #expect(
        changed.errorText == """
          [first 1/1] COPY one /one: cache: hit
          [stage-1 1/3] COPY --from=first /one /1: cache: hit
          [stage-1 2/3] COPY two /2: cache: miss: the file two has changed
          [stage-1 3/3] WORKDIR /w: cache: miss: the layers below have changed

          """)
      let usage = try desk.run(["build", "--jobs", "0", "c"])
      #expect(usage.status == 2)
      #expect(usage.errorText.contains("--jobs 0: write 1 or more"))
    }
  }

  @Test("prune tells, asks, and removes; verify finds a damaged blob, and the next build mends it")
  func pruneAndVerify() throws {
    try withDesk { desk in
      let built = try desk.build("-q", "-t", "kept", "c").outputText
      let dry = try desk.run(["prune", "--dry-run"])
      #expect(dry.status == 0)
      #expect(dry.outputText.split(separator: "\n").last?.hasPrefix("would free ") == true)
      #expect(try desk.run(["prune"]).status == 1)
      #expect(try desk.run(["prune", "-f", "--filter", "until=1h"]).outputText == "freed 0B\n")
      #expect(try desk.run(["prune", "-f", "--keep-storage", "1GB"]).outputText == "freed 0B\n")
      for wrong in [["--filter", "age=3"], ["--filter", "until=3x"], ["--keep-storage", "much"]] {
        #expect(try desk.run(["prune", "-f"] + wrong).status == 2)
      }
      let gone = try desk.run(["prune", "-f", "--all"])
      #expect(gone.status == 0)
      #expect(gone.outputText.split(separator: "\n").count { $0.hasPrefix("step ") } >= 4)
      #expect(try desk.run(["verify"]).status == 0)
      #expect(try desk.build("-q", "c").outputText == built)

      let damage = try desk.script("for b in store/blobs/sha256/*; do printf x | dd of=$b conv=notrunc; done")
      #expect(damage.status == 0)
      let verified = try desk.run(["verify"])
      #expect(verified.status == 1)
      #expect(!verified.outputText.isEmpty)
      #expect(try desk.build("-q", "c").outputText == built)
    }
  }

  @Test("--cache-to and --cache-from carry the cache in a folder to another store")
  func transfer() throws {
    try withDesk { desk in
      let built = try desk.build("-q", "--cache-to", "type=local,dest=carried,mode=max", "c").outputText
      let other = try desk.build(
        "-q", "--explain-cache", "--root", "elsewhere", "--cache-from", "type=local,src=carried", "c")
      #expect(other.outputText == built)
      #expect(other.errorText.split(separator: "\n").count { $0.hasSuffix("cache: hit") } == 4)
      #expect(try desk.run(["verify", "--root", "carried"]).status == 0)
      let first = try desk.build("--cache-from", "type=local,src=nothing", "c")
      #expect(first.errorText.contains("there is no cache yet"))
      #expect(!Files.exists(desk.folder + "/nothing"))
      for (option, reason) in [
        ("type=registry", "`ref` is missing"), ("type=registry,ref=UPPER", "must be in small letters"),
        ("type=gha", "not supported yet"), ("type=registry,ref=a/b,x=y", "`x` is not supported"),
        ("type=nope", "there is no type `nope`"), ("type=local", "is missing"),
        ("type=local,src=x,dest=x", "is not supported: write type=local"),
      ] {
        for name in ["--cache-from", "--cache-to"] {
          let result = try desk.run(["build", name, option, "c"])
          #expect(result.status == 2)
          #expect(result.errorText.contains(reason), "\(result.errorText)")
        }
      }
    }
  }

  @Test("Two folders, two umasks, one job and many, cold and cached: one digest")
  func places() throws {
    try withDesk { desk in
      let result = try desk.script(
        """
        set -e
        chmod 644 c/one c/two; mkdir -p other/place; cp -R c other/place/d; chmod 644 other/place/d/*
        for mask in 022 077; do
          for jobs in 1 2 9; do
            for place in c other/place/d; do
              (umask $mask; "$SLIPWAY" build -q --jobs $jobs --root s-$mask-$jobs $place)
            done
            (cd other/place/d && umask $mask && "$SLIPWAY" build -q --jobs $jobs --root cold-$mask-$jobs .)
            rm -rf other/place/d/cold*
          done
        done
        """)
      #expect(result.status == 0, "\(result.errorText)")
      let digests = result.outputText.split(separator: "\n")
      #expect(digests.count == 18)
      #expect(Set(digests).count == 1)
    }
  }

  @Test(
    "Two builds at the same moment execute each step once",
    .enabled(if: hasBusybox, "busybox is missing (Debian: busybox-static)"),
    .enabled(if: geteuid() == 0, "needs root, for RUN"))
  func singleFlight() throws {
    try withDesk { desk in
      try writeCommands(desk)
      let result = try desk.script(
        """
        for n in 1 2 3; do "$SLIPWAY" build --progress plain c >out$n 2>err$n & done; wait
        cat out1 out2 out3 | sort -u | wc -l
        cat err1 err2 err3 | grep -c ' executed$'
        """)
      #expect(result.outputText == "1\n3\n", "\(result.errorText)")
      #expect(try desk.run(["verify"]).status == 0)
    }
  }

  @Test(
    "kill -9 at 20 moments: the store stays whole, and the next build gives the right image",
    .enabled(if: hasBusybox, "busybox is missing (Debian: busybox-static)"),
    .enabled(if: geteuid() == 0, "needs root, for RUN"))
  func kills() throws {
    try withDesk { desk in
      try writeCommands(desk)
      let moments = (0..<20).map { round in
        var generator = SeededGenerator(seed: UInt64(round))
        return "0.\(generator.below(90) + 10)"
      }
      let result = try desk.script(
        """
        "$SLIPWAY" build -q --root reference c > right || exit 1
        for moment in \(moments.joined(separator: " ")); do
          "$SLIPWAY" prune -f -a >/dev/null || exit 1
          "$SLIPWAY" build -q c >/dev/null 2>&1 & pid=$!
          sleep $moment; kill -9 $pid 2>/dev/null; wait $pid 2>/dev/null
          "$SLIPWAY" verify || echo "not whole after $moment"
          "$SLIPWAY" build -q c > next || exit 1
          cmp next right || exit 1
        done
        "$SLIPWAY" verify && ls store/tmp store/cache/locks | grep -v :
        """)
      #expect(result.outputText == "\n", "\(result.errorText)")
    }
  }

  @Test(
    "A full disk: the error says so, the store stays whole, and goes on when there is room",
    .enabled(
      if: geteuid() == 0 && Processes.find("unshare") != nil, "needs root and unshare, to mount a small disk")
  )
  func fullDisk() throws {
    try withDesk { desk in
      let result = try desk.script(
        """
        mkdir disk && mount -t tmpfs -o size=3m none disk || exit 77
        "$SLIPWAY" build -q --root disk/store c > first || exit 1
        head -c 2500000 /dev/urandom > c/one
        "$SLIPWAY" build -q --root disk/store c; echo "status $?"
        "$SLIPWAY" verify --root disk/store || exit 2
        echo 1 > c/one
        "$SLIPWAY" build -q --root disk/store c > again || exit 3
        cmp first again || exit 4
        """, with: ["unshare", "--mount", "bash", "-c"])
      #expect(result.status == 0, "\(result.outputText) \(result.errorText)")
      #expect(result.outputText == "status 1\n")
      #expect(result.errorText.contains("No space left on device"))
    }
  }
}
