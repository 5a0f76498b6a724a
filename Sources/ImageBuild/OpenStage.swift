import DockerfileSyntax
import OCIModel
import SourceText

/// A stage that is being planned: what is known of it so far.
struct OpenStage {
  let stage: Dockerfile.Stage
  /// That of `--platform`, or of the build.
  let platform: Platform?
  let base: BuildPlan.Base
  /// What its base gives it; nil as long as the base is not planned.
  var start: Start?
  /// Its instructions, behind those of the base's triggers.
  var items: [Item] = []
  /// What `--from` and `from=` name, and how many of them have been looked up.
  var names: [Name] = []
  var known = 0
  var references: [String: TreeReference] = [:]

  struct Start {
    var image: ImageConfig
    var scope: VariableScope
    var isOnWindows: Bool
  }

  /// An instruction to be read, or that of a trigger.
  struct Item {
    var instruction: Instruction
    var tree: SyntaxTree
    var trigger: [UInt8]?
  }

  /// The name of another tree, and where it stands.
  struct Name {
    var text: String
    var range: ByteRange
    var instruction: Int
  }
}
