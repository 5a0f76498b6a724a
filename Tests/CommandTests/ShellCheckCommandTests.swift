import TestSupport
import Testing

/// `slipway lint --shellcheck`, with the real ShellCheck.
@Suite(
  "slipway lint --shellcheck",
  .enabled(if: Processes.slipway != nil, "the slipway binary has not been built"),
  .enabled(if: Processes.find("shellcheck") != nil, "shellcheck is missing"))
struct ShellCheckCommandTests {
  /// Of a command that nothing leads to only ShellCheck speaks: SC2317.
  private static let dockerfile = """
    FROM scratch
    # hadolint ignore=DL3059
    RUN set -e; exit 0; \\
      echo unreachable

    """

  private func lint(_ arguments: [String], input: String = "", environment: [String: String?] = [:]) throws
    -> ProcessResult
  {
    let slipway = try #require(Processes.slipway)
    return try Files.withTemporaryFolder { folder in
      try Files.write(Array(Self.dockerfile.utf8), to: folder + "/Dockerfile")
      return try Processes.run(
        slipway, ["lint", "--no-config", "-f", "gnu"] + arguments,
        environment: ["NO_COLOR": "1", "HOME": folder].merging(environment) { $1 }, input: Array(input.utf8),
        folder: folder)
    }
  }

  @Test("Its findings stand among the others, at their line of the Dockerfile, and each once")
  func file() throws {
    #expect(try !lint(["Dockerfile"]).outputText.contains("SC2317"))
    let result = try lint(["--shellcheck", "Dockerfile"])
    #expect(result.status == 1, "\(result.errorText)")
    #expect(result.outputText.components(of: "SC2317") == 1, "\(result.outputText)")
    #expect(result.outputText.contains(":4: SC2317 "), "\(result.outputText)")
  }

  @Test("Standard input is read once, for both")
  func standardInput() throws {
    let result = try lint(["--shellcheck", "--stdin-filename", "x/Dockerfile", "-"], input: Self.dockerfile)
    #expect(result.outputText.contains("x/Dockerfile:4: SC2317 "), "\(result.outputText)\(result.errorText)")
  }

  @Test("Without the program it says so, and ends with 2")
  func missing() throws {
    let result = try lint(["--shellcheck", "Dockerfile"], environment: ["PATH": "/nowhere"])
    #expect(result.status == 2)
    #expect(result.errorText.contains("--shellcheck needs ShellCheck: `shellcheck`: "), "\(result.errorText)")
  }
}

extension String {
  /// How often a text is in it.
  fileprivate func components(of part: String) -> Int {
    split(separator: part, omittingEmptySubsequences: false).count - 1
  }
}
