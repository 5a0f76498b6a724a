import ArgumentParser
import Diagnostics
import DockerfileSyntax
import Glibc
import Reports
import SourceText

/// `slipway ast`: print the syntax tree of a Dockerfile.
struct ASTCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ast",
    abstract: "Print the syntax tree of a Dockerfile.",
    discussion: """
      The tree is lossless: with --tokens every byte of the file is in it. Places are line:column-line:column, columns \
      count bytes from 1, and the end lies behind the last byte.

      A file with problems is dumped as far as it can be read; the problems go to standard error and the exit status \
      is 1. It is 2 when the file cannot be read.
      """)

  /// The dumps that there are.
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case tree
    case json
    case sexp
    case markdown
    case dot
    case mermaid

    var defaultValueDescription: String { rawValue }

    static var allValueDescriptions: [String: String] {
      [
        "tree": "an indented tree for people",
        "json": "for programs; docs/ast.md and docs/ast.schema.json describe it",
        "sexp": "what BuildKit's parser dumper prints; nothing for a file that BuildKit refuses",
        "markdown": "tables for a pull request",
        "dot": "what the stages depend on, for Graphviz",
        "mermaid": "the same, for Markdown on GitHub and GitLab",
      ]
    }
  }

  @Option(name: [.short, .long], help: "How to print it.")
  var format = Format.tree

  @ArgumentParser.Flag(help: "List every token too, trivia included (tree and json).")
  var tokens = false

  @Argument(help: "The Dockerfile; - is standard input.", completion: .file())
  var file = "Dockerfile"

  func validate() throws {
    if tokens, format != .tree, format != .json {
      throw ValidationError("--tokens goes with the formats tree and json, not with \(format.rawValue).")
    }
  }

  func run() throws {
    let dockerfile = Dockerfile(parsing: try readSource(file))
    let options = ASTDump.Options(includesTokens: tokens)
    switch format {
    case .tree: try print(ASTDump.tree(dockerfile, options))
    case .json: try print(ASTDump.json(dockerfile, options))
    case .markdown: try print(ASTDump.markdown(dockerfile))
    case .dot: try print(ASTDump.dot(dockerfile))
    case .mermaid: try print(ASTDump.mermaid(dockerfile))
    case .sexp: return try printSExpression(dockerfile)
    }
    guard !dockerfile.problems.isEmpty else { return }
    report(dockerfile.problems.map { $0.diagnostic(in: dockerfile) }, in: dockerfile.source)
    throw ExitCode(Exit.failed)
  }

  /// BuildKit's parser knows nothing of meaning: a file is refused for its grammar only.
  private func printSExpression(_ dockerfile: Dockerfile) throws {
    let output: [UInt8]
    do throws(SExpressionError) {
      output = try dockerfile.tree.sExpression()
    } catch {
      switch error {
      case .refused:
        let problems = dockerfile.problems.filter { if case .syntax = $0.kind { true } else { false } }
        report(problems.map { $0.diagnostic(in: dockerfile) }, in: dockerfile.source)
      case .lineTooLong(let offset):
        let line = LineIndex(dockerfile.source).line(of: offset)
        throw Failure(
          "\(file):\(line):1: the line is longer than the 65,535 bytes that BuildKit takes; "
            + "break it with continuations, or use another format")
      }
      throw ExitCode(Exit.failed)
    }
    try print(output)
  }

  private func print(_ bytes: [UInt8]) throws {
    guard writeAll(STDOUT_FILENO, bytes) else {
      throw Failure("cannot write to standard output: \(errorText(errno))", status: Exit.unable)
    }
  }

  private func report(_ diagnostics: [Diagnostic], in source: Source) {
    let colour = unsafe getenv("NO_COLOR") == nil && isatty(STDERR_FILENO) == 1
    let files = [LintedFile(source: source, findings: diagnostics)]
    writeAll(STDERR_FILENO, lintTerminalReport(files, style: TerminalStyle(isColoured: colour)))
  }
}
