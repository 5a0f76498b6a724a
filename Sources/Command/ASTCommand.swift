import ArgumentParser
import DockerfileSyntax
import Glibc
import SourceText

struct ASTCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "ast", abstract: "Print the syntax tree.")
  @Option var format = "tree"
  @Argument var file = "Dockerfile"

  func run() throws {
    let source = try readSource(file)
    let tree = SyntaxTree.parse(source)
    do throws(SExpressionError) {
      writeAll(STDOUT_FILENO, try tree.sExpression())
    } catch {
      writeAll(STDERR_FILENO, Array("refused: \(error)\n".utf8))
      throw ExitCode(1)
    }
  }
}
