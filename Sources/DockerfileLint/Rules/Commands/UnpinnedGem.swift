import Diagnostics
package import DockerfileSyntax

/// DL3028: a Ruby gem without a version.
package struct UnpinnedGem: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DL3028", "unpinned-gem"), .warning, visits: [.run], visitsTriggers: true,
    commands: ["gem"], summary: "`gem install` without a version")

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    guard let script = context.script(of: instruction) else { return }
    var gems: [ShellCommand.Argument] = []
    for command in script.commands where command.is("gem", "install", "i") {
      if command.arguments.contains(where: { Self.isVersion($0.text, context.isStrict) }) { continue }
      gems += Self.names(command, context.isStrict).filter { argument in
        !argument.text.utf8.contains(0x3A) && (context.isStrict || !argument.text.hasSuffix(".gem"))
      }
    }
    guard !gems.isEmpty else { return }
    UnpinnedPackages(metadata: Self.metadata, separator: ":").report(gems, of: instruction, &findings)
  }

  private static func isVersion(_ word: String, _ isStrict: Bool) -> Bool {
    if word == "-v" || word == "--version" || word.hasPrefix("--version=") { return true }
    return !isStrict && word.hasPrefix("-v")
  }

  /// The words that name gems.
  private static func names(_ command: ShellCommand, _ isStrict: Bool) -> [ShellCommand.Argument] {
    var names: [ShellCommand.Argument] = []
    let arguments = command.arguments.prefix { $0.text != "--" }
    var index = 0
    while index < arguments.count {
      let argument = arguments[index]
      index += 1
      if argument.text.utf8.first == 0x2D {
        // hadolint takes the word behind any option for its value.
        let hasNoValue =
          switches.contains(argument.text) || argument.text.hasPrefix("--no-")
          || argument.text.hasPrefix("--") && argument.text.utf8.contains(0x3D)
        if isStrict || !hasNoValue { index += 1 }
      } else if argument.text != "install", argument.text != "i" {
        names.append(argument)
      }
    }
    return names
  }

  /// The options of `gem install` without a value.
  private static let switches: Set<String> = [
    "-E", "-N", "-V", "-b", "-f", "-l", "-q", "-r", "-u", "-w", "-y", "--backtrace", "--both",
    "--clear-sources", "--conservative", "--debug", "--default", "--development", "--env-shebang",
    "--explain", "--force", "--ignore-dependencies", "--include-dependencies", "--local", "--lock",
    "--minimal-deps", "--norc", "--post-install-message", "--pre", "--prerelease", "--quiet", "--remote",
    "--silent", "--suggestions", "--user-install", "--vendor", "--verbose", "--wrappers",
  ]

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: """
        `gem install` (or `gem i`) of a gem without `:version` behind its name, when there is no `--version` either. Words \
        behind `--` are options for the compiler and do not count.
        """,
      why: """
        Without a version the newest gem is installed. The same Dockerfile then gives another image next week, and a \
        release of somebody else breaks a build in which nothing was changed.
        """,
      instead: "Write `gem install name:version`, or list the gems in a Gemfile and run `bundle install`.",
      sources: [
        "https://github.com/hadolint/hadolint", "https://guides.rubygems.org/command-reference/#gem-install",
      ],
      examples: [
        .bad(
          """
          FROM ruby:3.4
          RUN gem install «bundler» rake:13.2.1 ‹rspec›

          """),
        .good(
          """
          FROM ruby:3.4
          RUN gem install bundler -v 2.6.2 && gem i nokogiri:1.18.1 -- --use-system-libraries

          """),
      ],
      differences: [
        HadolintDifference(
          "most options of `gem install` have no value, so that the word behind them is a gem",
          "FROM a:1\nRUN gem install --no-document bundler\n", ours: [2], strict: []),
        HadolintDifference(
          "`-v2.6.2` is a version too, and the file of a gem has one",
          "FROM a:1\nRUN gem install bundler -v2.6.2\nRUN gem install rake-13.2.1.gem\n", ours: [],
          strict: [2, 3]),
        .hidden("gem install rake"),
      ])
  }
}
