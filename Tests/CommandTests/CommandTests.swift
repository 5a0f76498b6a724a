import TestSupport
import Testing

/// The binary as a user meets it: exit statuses, where output goes, what help says.
@Suite("The command line", .enabled(if: Processes.slipway != nil, "the slipway binary has not been built"))
struct CommandTests {
  /// Runs the binary in a folder of its own that holds some files.
  private func run(
    _ arguments: [String], files: [String: String] = [:], input: String = "",
    check: (ProcessResult, String) throws -> Void
  ) throws {
    let slipway = try #require(Processes.slipway)
    try Files.withTemporaryFolder { folder in
      for (name, text) in files { try Files.write(Array(text.utf8), to: folder + "/" + name) }
      try check(
        try Processes.run(
          slipway, arguments, environment: ["SLIPWAY_ROOT": folder + "/store", "NO_COLOR": "1"],
          input: Array(input.utf8), folder: folder), folder)
    }
  }

  private static let recipe = """
    FROM node
    WORKDIR /app
    COPY package.json .
    RUN npm install
    EXPOSE . .
    COPY 3000
    CMD ["npm", "run", "dev"]

    """

  @Test(
    "wrong usage ends with 2 and says what to do",
    arguments: [["lint", "--nope"], ["nope"], ["ast", "a", "b"]])
  func wrongUsage(arguments: [String]) throws {
    try run(arguments) { result, _ in
      #expect(result.status == 2)
      #expect(result.output.isEmpty)
      #expect(result.errorText.contains("--help"))
    }
  }

  @Test("help and version go to standard output and end with 0")
  func help() throws {
    try run(["--version"]) { result, _ in
      #expect(result.status == 0)
      #expect(result.outputText.hasPrefix("slipway "))
    }
    for command in ["lint", "rules", "explain", "ast", "build", "images", "history", "load", "save"] {
      try run([command, "--help"]) { result, _ in
        #expect(result.status == 0)
        #expect(result.outputText.contains("USAGE: slipway \(command)"))
        #expect(result.errors.isEmpty)
      }
    }
  }

  @Test("a check of BuildKit's is explained by all rules that it stands for")
  func explanations() throws {
    try run(["explain", "MultipleInstructionsDisallowed"]) { result, _ in
      #expect(result.status == 0)
      for id in ["DL3012", "DL4003", "DL4004"] { #expect(result.outputText.contains(id)) }
    }
  }

  @Test("the course's recipe: one mistake in two lines, everything else as well")
  func courseRecipe() throws {
    try run(["lint"], files: ["Dockerfile": Self.recipe]) { result, _ in
      #expect(result.status == 1)
      #expect(result.outputText.components(of: "DF002") == 1)
      #expect(result.outputText.contains("Dockerfile:5:1:"))
      #expect(result.outputText.contains("6 + EXPOSE 3000"))
      #expect(result.outputText.contains("Dockerfile:1:6: warning:"))
      #expect(result.outputText.contains("DL3006"))
      #expect(!result.outputText.contains("DL1000"), "what DF002 explains is not reported again")
    }
  }

  @Test("--fix mends the recipe where it stands, once and for all")
  func fix() throws {
    try run(["lint", "--fix"], files: ["Dockerfile": Self.recipe]) { result, folder in
      #expect(result.status == 1, "the missing version of the base cannot be mended")
      let mended = try String(decoding: Files.read(folder + "/Dockerfile"), as: UTF8.self)
      #expect(mended.contains("COPY . .\nEXPOSE 3000\n"))
      let again = try Processes.run(
        try #require(Processes.slipway), ["lint", "--fix", folder + "/Dockerfile"])
      #expect(again.status == 1)
      #expect(try String(decoding: Files.read(folder + "/Dockerfile"), as: UTF8.self) == mended)
    }
  }

  @Test("a clean file ends with 0 and prints nothing")
  func clean() throws {
    try run(["lint"], files: ["Dockerfile": "FROM debian:12\nCMD [\"true\"]\n"]) { result, _ in
      #expect(result.status == 0)
      #expect(result.output.isEmpty)
    }
  }

  @Test("one bad path never loses the results of the others")
  func badPath() throws {
    try run(["lint", "missing", "Dockerfile"], files: ["Dockerfile": Self.recipe]) { result, _ in
      #expect(result.status == 2)
      #expect(result.errorText.contains("missing"))
      #expect(result.outputText.contains("DF002"))
    }
  }

  @Test("the tree of a broken file is printed, its problems go to standard error")
  func brokenTree() throws {
    try run(["ast"], files: ["Dockerfile": Self.recipe]) { result, _ in
      #expect(result.status == 1)
      for keyword in ["FROM", "WORKDIR", "RUN", "EXPOSE", "CMD"] {
        #expect(result.outputText.contains(keyword))
      }
      #expect(result.outputText.components(of: "─ COPY ") == 2)
      #expect(result.errorText.contains("Dockerfile:6:1: error:"))
    }
  }

  @Test("sexp refuses what BuildKit's parser refuses, with the line")
  func refusedDump() throws {
    try run(["ast", "--format", "sexp", "-"], input: "FROM a\nENV k\n") { result, _ in
      #expect(result.status == 1)
      #expect(result.output.isEmpty)
      #expect(result.errorText.contains(":2:5"))
    }
  }

  @Test(
    "build says what is not there, with the line",
    arguments: [
      ("FROM scratch\nADD https://example.invalid/a /a\n", "Dockerfile:2:"),
      ("FROM scratch\nRUN --security=insecure true\n", "Dockerfile:2:"),
      ("# syntax=some/frontend:1\nFROM scratch\nCOPY Dockerfile /\n", "Dockerfile:1:1: error: the frontend"),
      ("FROM scratch\nCOPY nothing /x\n", "Dockerfile:2:"),
      ("FROM nowhere.invalid/image:1\nRUN true\n", "Dockerfile:1:"),
    ])
  func notThere(text: String, place: String) throws {
    try run(["build", "-t", "x", "."], files: ["Dockerfile": text]) { result, folder in
      #expect(result.status == 1)
      #expect(result.errorText.contains(place))
      let images = try Processes.run(
        try #require(Processes.slipway), ["images", "-q"], environment: ["SLIPWAY_ROOT": folder + "/store"])
      #expect(images.output.isEmpty, "a failed build leaves no image")
    }
  }
}

extension String {
  /// How often a text occurs.
  fileprivate func components(of text: String) -> Int {
    var count = 0
    var rest = self[...]
    while let range = rest.firstRange(of: text) {
      count += 1
      rest = rest[range.upperBound...]
    }
    return count
  }
}
