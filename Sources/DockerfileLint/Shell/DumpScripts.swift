import ShellSyntax
import SourceText

package func dumpScripts(_ context: LintContext) -> [(
  line: Int, shell: String, variables: [String], text: [UInt8]
)] {
  var walk = ScriptSettingWalk(context)
  var result: [(line: Int, shell: String, variables: [String], text: [UInt8])] = []
  walk.eachRun { instruction, setting in
    guard let script = context.script(of: instruction) else { return }
    result.append(
      (context.line(of: instruction), setting.shell, setting.variables.sorted(), script.text.bytes))
  }
  return result
}
/// All findings of each script, as hadolint's settings have it.
package func dumpFindings(_ context: LintContext) -> [(
  line: Int, verdict: String, findings: [(code: Int, lower: Int, upper: Int)]
)] {
  var walk = ScriptSettingWalk(context)
  var result: [(line: Int, verdict: String, findings: [(code: Int, lower: Int, upper: Int)])] = []
  walk.eachRun { instruction, setting in
    guard let script = context.script(of: instruction) else { return }
    var found = setting.isWindows ? [] : ShellFindings.findings(script, setting, isStrict: context.isStrict)
    found.sort { ($0.range.lower, $0.code) < ($1.range.lower, $1.code) }
    result.append(
      (
        context.line(of: instruction),
        script.tree.map {
          "\($0.verdict) "
            + ($0.errors.prefix(2).map { "\($0.kind)@\($0.range.lower)" }.joined(separator: " "))
        } ?? "-", found.map { ($0.code, Int($0.range.lower), Int($0.range.upper)) }
      ))
  }
  return result
}
