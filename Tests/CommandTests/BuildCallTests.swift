import Glibc
import TestSupport
import Testing

/// `slipway build --call` and `--check`, which build nothing.
@Suite("slipway build --call", .enabled(if: Processes.slipway != nil, "the program has not been built"))
struct BuildCallTests {
  private static let dockerfile = """
    # base is what all stand on
    FROM scratch AS base
    # VERSION of the thing
    ARG VERSION=1
    FROM base
    RUN --mount=type=secret,id=token,required true

    """

  private func withFolder(_ body: (String, ([String], String) throws -> ProcessResult) throws -> Void) throws
  {
    let program = try #require(Processes.slipway)
    try Files.withTemporaryFolder { folder in
      try Files.write(Array(Self.dockerfile.utf8), to: folder + "/c/Dockerfile")
      try body(folder) { arguments, input in
        try Processes.run(
          program, ["build"] + arguments,
          environment: ["HOME": folder, "SLIPWAY_ROOT": "\(folder)/store", "XDG_CONFIG_HOME": folder],
          input: Array(input.utf8), folder: folder)
      }
    }
  }

  @Test("outline and targets print tables, and JSON when asked")
  func tables() throws {
    try withFolder { folder, build in
      let outline = try build(["--call", "outline", "--build-arg", "VERSION=2", "c"], "")
      #expect(outline.status == 0, "\(outline.errorText)")
      #expect(
        outline.outputText
          == "BUILD ARG   VALUE   DESCRIPTION\nVERSION     2       of the thing\n\nSECRET   REQUIRED\ntoken    true\n\n"
      )
      let targets = try build(["--call=targets", "c"], "")
      #expect(targets.outputText == "TARGET      DESCRIPTION\nbase        is what all stand on\n(default)\n")
      let json = try build(["--call", "targets,format=json", "-f", "-", "c"], "FROM scratch AS x\n")
      #expect(
        json.outputText.contains("\"name\": \"x\",\n      \"default\": true,\n      \"base\": \"scratch\","))
      #expect(json.outputText.contains("\"sources\": [\n    \"RlJPTSBzY3JhdGNoIEFTIHgK\"\n  ]"))
      let none = try build(["--call", "outline", "--target", "y", "c"], "")
      #expect(none.status == 1 && none.errorText.contains("there is no stage `y` to build"))
      #expect(try build(["--call", "nothing", "c"], "").status == 2)
      #expect(try Files.names(in: folder + "/store/blobs/sha256") == [])
    }
  }

  @Test("--check lints with the configuration of the Dockerfile's folder, wherever the Dockerfile comes from")
  func check() throws {
    try withFolder { folder, build in
      let clean = try build(["--check", "--target", "base", "c"], "")
      #expect(clean.status == 0, "\(clean.outputText)\(clean.errorText)")
      let swapped = "FROM scratch\nEXPOSE . .\n"
      for arguments in [["-"], ["-f", "-", "c"]] {
        let found = try build(["--check"] + arguments, swapped)
        #expect(found.status == 1)
        #expect(found.outputText.hasPrefix("-:2:8: error:"), "\(found.outputText)")
      }
      try Files.write(Array(swapped.utf8), to: folder + "/c/other")
      #expect(try build(["--check", "-f", "c/other", "c"], "").outputText.hasPrefix("c/other:2:8: error:"))
      #expect(try Processes.run("tar", ["-C", "c", "-cf", "c.tar", "."], folder: folder).status == 0)
      #expect(
        try build(["--call", "lint", "-f", "other", "c.tar"], "").outputText.hasPrefix("other:2:8: error:"))
      let json = try build(["--call", "check,format=json", "-f", "c/other", "c"], "")
      #expect(json.outputText.contains("\"code\":\"DF003\""))
      try Files.write(Array("ignored: [DF003]\n".utf8), to: folder + "/c/.hadolint.yaml")
      #expect(try build(["--check", "-f", "c/other", "c"], "").status == 0)
    }
  }

  @Test("A build argument says which checks are left out, in place of the comment at the top of the file")
  func checkArgument() throws {
    try withFolder { folder, build in
      let text = "# check=skip=JSONArgsRecommended\nFROM scratch AS Base\nCMD a\n"
      try Files.write(Array(text.utf8), to: folder + "/c/other")
      func codes(_ value: String?) throws -> ProcessResult {
        let argument = value.map { ["--build-arg", "BUILDKIT_DOCKERFILE_CHECK=" + $0] } ?? []
        return try build(["--check"] + argument + ["-f", "c/other", "c"], "")
      }
      let plain = try codes(nil)
      #expect(plain.outputText.contains("StageNameCasing") && !plain.outputText.contains("DL3025"))
      let replaced = try codes("skip=StageNameCasing")
      #expect(!replaced.outputText.contains("StageNameCasing") && replaced.outputText.contains("DL3025"))
      #expect(try codes("").outputText.contains("DL3025"), "nothing is left out")
      #expect(try codes("skip=all").status == 0)
      #expect(try codes("error=true").outputText.contains("error: "))
      let wrong = try codes("skipp=all")
      #expect(wrong.status == 2 && wrong.errorText.contains("skip=NAME"), "\(wrong.errorText)")
    }
  }
}
