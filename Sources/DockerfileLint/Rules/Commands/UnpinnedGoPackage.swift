import Diagnostics
package import DockerfileSyntax

/// DL3062: a Go package without a version.
package struct UnpinnedGoPackage: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DL3062", "unpinned-go-package"), .warning, visits: [.run], visitsTriggers: true,
    commands: ["go"], summary: "`go install` of a package without a version")

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    guard let script = context.script(of: instruction) else { return }
    let commands = script.commands.filter { $0.name == "go" && $0.has("run", "install", "get") }
    guard !commands.isEmpty else { return }
    let isStrict = context.isStrict
    // hadolint looks at `go install` only where no `go run` names a package.
    var packages = commands.filter { $0.has("run") }.flatMap { Self.started($0, isStrict) }
    if !isStrict || packages.isEmpty {
      packages += commands.filter { $0.has("install", "get") }.flatMap { command in
        let words = Self.words(command, isStrict)
        guard isStrict || words.first?.text != "run" else { return [ShellCommand.Argument]() }
        return words.filter { !["install", "get", "tool"].contains($0.text) }
      }
    }
    let unpinned = packages.filter { argument in
      !Self.isPinned(argument.text) && (isStrict || !Self.isLocal(argument.text))
    }.sorted { $0.range < $1.range }
    guard !unpinned.isEmpty else { return }
    UnpinnedPackages(metadata: Self.metadata, separator: "@").report(unpinned, of: instruction, &findings)
  }

  /// What `go run` starts.
  private static func started(_ command: ShellCommand, _ isStrict: Bool) -> [ShellCommand.Argument] {
    let words = words(command, isStrict)
    if isStrict { return words.prefix(2).filter { $0.text != "run" } }
    // What follows the package is for the program.
    guard words.first?.text == "run" else { return [] }
    return Array(words.dropFirst().prefix(1))
  }

  /// The words that are neither options nor their values.
  private static func words(_ command: ShellCommand, _ isStrict: Bool) -> [ShellCommand.Argument] {
    if isStrict { return command.plainArguments }
    var words: [ShellCommand.Argument] = []
    var index = 0
    while index < command.arguments.count {
      let argument = command.arguments[index]
      index += 1
      if argument.text.utf8.first == 0x2D, argument.text != "-" {
        let name = argument.text.drop { $0 == "-" }
        if valueFlags.contains(name) { index += 1 }
      } else {
        words.append(argument)
      }
    }
    return words
  }

  private static func isPinned(_ package: String) -> Bool {
    if let first = package.utf8.first, first == 0x2E || first == 0x2F { return true }
    return package.utf8.contains(0x40) && !package.hasSuffix("@latest") && !package.hasSuffix("@none")
  }

  /// Whether a word is a source file, or what comes with Go.
  private static func isLocal(_ package: String) -> Bool {
    package.hasSuffix(".go") || ["std", "cmd", "all"].contains(package)
  }

  /// The options of the go command that take a value.
  private static let valueFlags: Set<Substring> = [
    "C", "asmflags", "buildmode", "compiler", "covermode", "coverpkg", "exec", "gccgoflags", "gcflags",
    "installsuffix", "ldflags", "mod", "modfile", "o", "overlay", "p", "pgo", "pkgdir", "tags", "toolexec",
  ]

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: """
        `go install`, `go get` and `go run` of a package without `@version`, or with `@latest`. Paths that start with a dot \
        or a slash, and source files, are fine.
        """,
      why: """
        Without a version Go takes the newest one. The same Dockerfile then gives another image next week, and a release \
        of somebody else breaks a build in which nothing was changed.
        """,
      instead: "Write `go install example.com/tool@v1.2.3`; what `go.mod` lists is pinned already.",
      sources: ["https://github.com/hadolint/hadolint", "https://go.dev/ref/mod#go-install"],
      examples: [
        .bad(
          """
          FROM golang:1.24
          RUN go install «golang.org/x/tools/cmd/stringer» && go get -u ‹example.com/lib@latest›
          RUN go run «example.com/tool» serve

          """),
        .good(
          """
          FROM golang:1.24
          RUN go install golang.org/x/tools/cmd/stringer@v0.30.0 && go install ./...
          RUN go run ./cmd/generate && go build -o /app .

          """),
      ],
      differences: [
        HadolintDifference(
          "a source file and the standard library come without a version",
          "FROM a:1\nRUN go run main.go\nRUN go install std\n", ours: [], strict: [2, 3]),
        .valueOfOption("go install -tags netgo ./..."),
        HadolintDifference(
          "what `go install` names counts also where the RUN has a `go run`",
          "FROM a:1\nRUN go install example.com/a && go run ./b\n", ours: [2], strict: []),
        .hidden("go install example.com/a"),
      ])
  }
}
