import Download
import OCIModel
import Testing

@testable import ImageBuild

/// The instructions that change an image's configuration, and their history.
@Suite("Configuration")
struct ConfigurationTests {
  @Test("F08 FROM scratch has a PATH and the working directory /")
  func scratch() throws {
    let image = try plan("FROM scratch\nLABEL a=b").image
    #expect(
      image.config.environment == ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"])
    #expect(image.config.workingDirectory == "/")
  }

  @Test("F07 an image's configuration is inherited, its history kept, its triggers are not")
  func inherits() throws {
    let images = [
      "b": base {
        $0.user = "app"
        $0.command = ["x"]
        $0.labels = ["k": "v"]
        $0.onBuild = ["LABEL triggered=yes"]
      }
    ]
    let image = try plan("FROM b\nLABEL l=1", images: images).image
    #expect(image.config.user == "app")
    #expect(image.config.command == ["x"])
    #expect(image.config.labels == ["k": "v", "l": "1", "triggered": "yes"])
    #expect(image.config.onBuild.isEmpty)
    #expect(image.history.map(\.createdBy) == ["base", "LABEL triggered=yes", "LABEL l=1"])
    #expect(image.history[0].created == "2020-01-01T00:00:00Z")
  }

  /// An instruction, and the line of history that it leaves.
  static let lines: [(String, String)] = [
    ("ENV a=1 b=\"two words\"", "ENV a=1 b=two words"),
    ("ENV a b  c", "ENV a=b  c"),
    ("EXPOSE 80 53/UDP 3-4", "EXPOSE [3/tcp 4/tcp 53/udp 80/tcp]"),
    ("VOLUME /a /b", "VOLUME [/a /b]"),
    ("CMD [\"a\", \"b c\"]", "CMD [\"a\" \"b c\"]"),
    ("CMD echo hi", "CMD [\"/bin/sh\" \"-c\" \"echo hi\"]"),
    ("ENTRYPOINT [\"/x\"]", "ENTRYPOINT [\"/x\"]"),
    ("SHELL [\"/bin/bash\", \"-c\"]", "SHELL [/bin/bash -c]"),
    ("STOPSIGNAL SIGRTMIN+3", "STOPSIGNAL SIGRTMIN+3"),
    ("USER 1:2", "USER 1:2"),
    ("MAINTAINER me", "MAINTAINER me"),
    ("WORKDIR /", "WORKDIR /"),
    (
      "HEALTHCHECK --interval=90s --retries=2 CMD curl x",
      "HEALTHCHECK {Test:[CMD-SHELL curl x] Interval:1m30s Timeout:0s StartPeriod:0s StartInterval:0s Retries:2}"
    ),
  ]

  @Test("M10 configuration leaves a line of history and no layer", arguments: lines.indices)
  func history(index: Int) throws {
    let (instruction, line) = Self.lines[index]
    let image = try plan("FROM scratch\n\(instruction)").image
    #expect(
      image.history == [
        History(
          created: "2023-11-14T22:13:20Z", createdBy: line, comment: "buildkit.dockerfile.v0",
          emptyLayer: true)
      ])
  }

  @Test("M03 ENTRYPOINT drops an inherited CMD, and keeps one of the stage")
  func entrypoint() throws {
    let images = ["b": base { $0.command = ["x"] }]
    #expect(try plan("FROM b\nENTRYPOINT [\"e\"]", images: images).image.config.command == nil)
    #expect(try plan("FROM b\nCMD [\"c\"]\nENTRYPOINT [\"e\"]", images: images).image.config.command == ["c"])
    let staged = try plan("FROM scratch AS a\nCMD [\"c\"]\nFROM a\nENTRYPOINT [\"e\"]").image
    #expect(staged.config.command == nil)
  }

  @Test("M05 health checks: intervals in nanoseconds, and NONE")
  func healthcheck() throws {
    let check = try plan("FROM scratch\nHEALTHCHECK --timeout=1500ms CMD [\"a\"]").image.config.healthcheck
    #expect(check == Healthcheck(test: ["CMD", "a"], timeout: 1_500_000_000))
    #expect(
      try plan("FROM scratch\nHEALTHCHECK NONE").image.config.healthcheck == Healthcheck(test: ["NONE"]))
  }

  @Test("M07 a variable keeps its place in the list")
  func order() throws {
    let config = try plan("FROM scratch\nENV a=1\nENV b=2\nENV a=3").image.config
    #expect(config.environment.dropFirst() == ["a=3", "b=2"])
  }

  @Test("R01 SHELL changes later shell forms")
  func shell() throws {
    let config = try plan("FROM scratch\nSHELL [\"/b\", \"-e\"]\nCMD x y").image.config
    #expect(config.command == ["/b", "-e", "x y"])
    #expect(config.shell == ["/b", "-e"])
  }

  /// WORKDIRs in a row, and the working directory in the end.
  static let folders: [(String, String)] = [
    ("WORKDIR /a\nWORKDIR b", "/a/b"), ("WORKDIR a", "/a"), ("WORKDIR /a/../b//c/.", "/b/c"),
    ("WORKDIR /a/../b/\nWORKDIR ./c/", "/b/c"), ("WORKDIR /a/\nWORKDIR $unset", "/a"),
    ("WORKDIR $unset", "/"), ("WORKDIR /a b", "/a b"), ("ENV x=/y\nWORKDIR $x/z", "/y/z"),
  ]

  @Test("W01-W03 the working directory", arguments: folders.indices)
  func workdir(index: Int) throws {
    let (text, folder) = Self.folders[index]
    #expect(try plan("FROM scratch\n\(text)").image.config.workingDirectory == folder)
  }

  @Test("W05 WORKDIR makes a layer unless it is /")
  func workdirLayer() throws {
    #expect(try plan("FROM scratch\nWORKDIR /").targetStage.steps.isEmpty)
    let stage = try plan("FROM scratch\nWORKDIR /a").targetStage
    #expect(stage.steps.count == 1)
    #expect(stage.image.history.last?.emptyLayer == false)
  }

  @Test("W02 the configuration and the history have a clean path")
  func cleanWorkdir() throws {
    let image = try plan("FROM scratch\nWORKDIR /a/../b/").image
    #expect(image.config.workingDirectory == "/b")
    #expect(image.history.last?.createdBy == "WORKDIR /b")
  }

  @Test("M09, F12 ONBUILD is kept as written, and runs in what builds on it")
  func onbuild() throws {
    let text = "FROM scratch AS a\nONBUILD ENV x=1\nONBUILD COPY <<E /f\nhi\nE\nFROM a AS b\nLABEL l=$x"
    let built = try plan(text)
    #expect(try built.label("l") == "1")
    #expect(try built.targetStage.steps.map(\.title) == ["COPY <<E /f"])
    #expect(try built.image.config.onBuild.isEmpty)
    let parent = try plan(text) { $0.target = "a" }
    #expect(try parent.image.config.onBuild == ["ENV x=1", "COPY <<E /f\nhi\nE"])
  }

  /// What is wrong with a line.
  static let mistakes: [(String, BuildProblem.Kind)] = [
    ("EXPOSE 70000", .invalidPort("70000")), ("EXPOSE 80/icmp", .invalidPort("80/icmp")),
    ("STOPSIGNAL FOO", .invalidSignal("FOO")), ("STOPSIGNAL 0", .invalidSignal("0")),
    ("COPY --chmod=8 a b", .invalidMode("8")), ("COPY --chmod=17777 a b", .invalidMode("17777")),
    ("COPY http://x/y /", .remoteSourceInCopy("http://x/y")),
    ("COPY git@x:y.git /", .remoteSourceInCopy("git@x:y.git")),
    ("COPY https://me:word@x/y /", .remoteSourceInCopy("https://x/y")),
    ("ADD --checksum=sha256:00 https://x/y /", .invalidChecksum("sha256:00")),
    ("ADD --checksum=main git@x:y.git /", .invalidChecksum("main")),
    ("ADD --checksum=sha256:00 https://x/y https://x/z /", .checksumOfSeveralSources),
    ("ADD https://x/y.git?colour=red /", .gitReference("https://x/y.git?colour=red", .query("colour"))),
    (
      "ADD --keep-git-dir git@x:y.git?keep-git-dir=0 /",
      .gitReference("git@x:y.git?keep-git-dir=0", .conflict("keep-git-dir"))
    ),
    ("RUN --device=x y", .unsupported(.device)),
    ("RUN --security=insecure x", .unsupported(.security("insecure"))),
    ("ADD --checksum=sha256:00 a b", .checksumOfLocalSource),
    ("COPY --link --chown=me a b", .namesWithLink("me")),
    ("COPY <<a/b /x\na/b", .heredocName("a/b")),
    ("RUN []", .missingArguments),
    ("COPY --from=nothere a b", .base("nothere", .notFound)),
    ("COPY --from=7 a b", .unknownStageNumber(7, count: 1)), ("COPY --from=0 a b", .circularStage("0")),
  ]

  @Test("A line that cannot be built is a problem with its place", arguments: mistakes.indices)
  func mistake(index: Int) throws {
    let (line, kind) = Self.mistakes[index]
    do {
      _ = try plan("FROM scratch\n\(line)\n")
      Issue.record("\(line) is accepted")
    } catch BuildError.invalid(let problems) {
      #expect(problems.map(\.kind) == [kind])
      #expect(problems.first?.instruction == 1)
    }
  }

  @Test("All problems are told at once")
  func everything() throws {
    #expect(try problems("FROM scratch\nSTOPSIGNAL X\nEXPOSE y").count == 2)
  }

  @Test("An image of Windows has the system's version, another root, and no PATH")
  func windows() throws {
    let built = try plan(
      "FROM scratch\nARG TARGETPLATFORM\nARG TARGETOSVERSION\nLABEL p=$TARGETPLATFORM v=$TARGETOSVERSION\n"
    ) {
      $0.platform = try? Platform(parsing: "windows(10.0.20348.1006)/amd64")
    }.image
    #expect(built.platform.osVersion == "10.0.20348.1006")
    #expect(built.config.workingDirectory == "\\" && built.config.environment.isEmpty)
    #expect(built.config.labels["p"] == "windows(10.0.20348.1006)/amd64")
    #expect(built.config.labels["v"] == "10.0.20348.1006")
    let base = ["w": ImageConfig(platform: try Platform(parsing: "windows/amd64"))]
    #expect(try problems("FROM w\nLABEL a=b\n", images: base) == [])
    #expect(try problems("FROM w AS a\nFROM a\nCOPY f /\n", images: base) == [.unsupported(.windowsLayer)])
  }
}
