import Glibc
import TestSupport
import Testing

/// With `SOURCE_DATE_EPOCH` an image depends on its Dockerfile, its context and its base, and on nothing else.
@Suite(
  "Reproducible builds", .enabled(if: Processes.slipway != nil, "the program has not been built"),
  .enabled(if: Files.exists("/bin/busybox"), "busybox is missing (Debian: busybox-static)"))
struct ReproducibleBuildTests {
  /// Everything that writes files: unpacked archives, copies of each kind, commands, documents, folders that are made on
  /// the way, and stages that may be built at one moment.
  private static let dockerfile = """
    FROM scratch AS base
    COPY busybox /bin/busybox
    RUN ["/bin/busybox", "--install", "-s", "/bin"]
    FROM base AS left
    RUN mkdir -p /out/b /out/a && date > /dev/null && for i in 3 1 2; do echo $i > /out/$i; done && ln /out/1 /out/one
    FROM base AS right
    WORKDIR /made/here
    COPY . .
    RUN env | grep -v ^PATH= | sort > /environment && umask >> /environment && pwd >> /environment
    FROM base
    COPY --from=left /out /left
    COPY --from=right /made /environment /right/
    COPY --link tree/Zebra tree/äpfel /linked/
    COPY --parents tree/*/deep /parents/
    COPY <<END /etc/document
    a document
    END
    ADD files.tar /unpacked/
    RUN rm /left/2 && echo more >> /left/3

    """

  /// One way to call the program: what is said here may change no byte.
  private struct Circumstance {
    var name: String
    var script: String
    var isOrdinary = false
  }

  private static let circumstances = [
    Circumstance(name: "first", script: "cd c; build ."),
    Circumstance(name: "again, cached", script: "cd c; build ."),
    Circumstance(name: "without the cache", script: "build --no-cache c"),
    Circumstance(name: "one job", script: "store=one build --jobs 1 c"),
    Circumstance(name: "nine jobs", script: "store=nine build --jobs 9 c"),
    Circumstance(
      name: "another folder, and another order of names in it",
      script:
        "mkdir -p other/place; tar -C c --sort=name -cf - . | tar -C other/place -xf -; store=place build other/place"
    ),
    Circumstance(name: "another umask", script: "umask 077; store=umask build c"),
    Circumstance(
      name: "another locale",
      script: "export LC_ALL=tr_TR.UTF-8 LANG=de_DE.ISO-8859-1 LANGUAGE=tr; store=locale build c"),
    Circumstance(name: "another time zone", script: "export TZ=Pacific/Kiritimati; store=zone build c"),
    Circumstance(name: "another time of the day", script: "sleep 1.1; store=later build --no-cache c"),
    Circumstance(
      name: "files that were checked out now",
      script: "cp -a c checkout; find checkout -exec touch {} +; store=checkout build checkout"),
    Circumstance(
      name: "other variables",
      script: "export HOME=/ USER=x TMPDIR=$PWD/c/.. COLUMNS=20 SHELL=/bin/false; store=variables build c"),
    Circumstance(name: "without overlays", script: "store=diff build --snapshotter diff c"),
    Circumstance(name: "an ordinary user", script: "store=user build c", isOrdinary: true),
    Circumstance(
      name: "an ordinary user without overlays", script: "store=userdiff build --snapshotter diff c",
      isOrdinary: true),
  ]

  @Test(
    "One digest, however and wherever it is built",
    .enabled(if: geteuid() == 0, "needs root, to become somebody else"))
  func digests() throws {
    try Files.withTemporaryFolder { folder in
      #expect(unsafe chmod(folder, 0o755) == 0)
      try Files.createFolder(folder + "/c")
      try Files.write(Array(Self.dockerfile.utf8), to: folder + "/c/Dockerfile")
      let made = try run(
        """
        cd c
        cp /bin/busybox busybox
        mkdir -p tree/x/deep tree/y/deep tree/Zebra tree/äpfel
        for name in tree/x/deep/f tree/y/deep/g tree/Zebra/1 tree/äpfel/ß; do echo $name > $name; done
        ln -s f tree/x/deep/link
        ln tree/Zebra/1 tree/Zebra/2
        tar --owner=5 --group=6 --mtime=@1600000000 -cf files.tar tree
        chmod -R u=rwX,go=rX . && chmod 755 busybox
        # Later than SOURCE_DATE_EPOCH, as a checkout is.
        find . -exec touch -d @1750000000 {} +
        """, in: folder)
      #expect(made.status == 0, "\(made.errorText)")
      var digests: [String: [String]] = [:]
      for circumstance in Self.circumstances {
        if circumstance.isOrdinary, !Self.canBecomeOrdinary { continue }
        let result = try run(
          Self.prologue + circumstance.script, in: folder, isOrdinary: circumstance.isOrdinary)
        #expect(result.status == 0, "\(circumstance.name): \(result.errorText)")
        digests[result.outputText, default: []].append(circumstance.name)
      }
      #expect(digests.count == 1, "\(digests)")
    }
  }

  private static let prologue = """
    set -e
    build() { "$SLIPWAY" build -q --root "$FOLDER/store-${store:-first}" "$@"; }

    """

  /// Whether an ordinary user can make the namespaces that RUN needs.
  private static let canBecomeOrdinary: Bool = {
    guard Processes.find("setpriv") != nil else { return false }
    let result = try? Processes.run(
      "setpriv",
      [
        "--reuid", "65534", "--regid", "65534", "--clear-groups", "unshare", "--user", "--map-root-user",
        "true",
      ])
    return result?.status == 0
  }()

  private func run(_ script: String, in folder: String, isOrdinary: Bool = false) throws -> ProcessResult {
    var command = ["bash", "-c", script]
    if isOrdinary {
      #expect(try Processes.run("chown", ["-R", "65534:65534", folder]).status == 0)
      command = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"] + command
    }
    return try Processes.run(
      command[0], Array(command.dropFirst()),
      environment: [
        "FOLDER": folder, "HOME": folder, "SLIPWAY": Processes.slipway, "SOURCE_DATE_EPOCH": "1700000000",
        "SLIPWAY_ROOT": nil, "LC_ALL": nil, "LANG": nil, "LANGUAGE": nil, "TZ": nil,
      ],
      folder: folder)
  }
}
