import Diagnostics
package import DockerfileSyntax
import SourceText

/// DL3042: pip's cache left in the image.
package struct PipCache: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DL3042", "pip-cache"), .warning, fix: .safe, visits: [.run, .env, .arg, .from],
    visitsTriggers: true, commands: ["pip", "python"],
    summary: "`pip install` that leaves its cache in the image")

  /// Whether the environment switches the cache off.
  private enum Cache {
    case on
    case off
    /// As an image has it.
    case ofImage(String)
  }
  private var cache = StageFact(Cache.on)
  private var strict = StrictStages()

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    switch instruction.details {
    case .from(let from):
      if context.isStrict {
        strict.enter(from)
      } else {
        cache.startStage(context) { $0.map { .ofImage($0) } ?? .on }
      }
    case .env(let assignments) where Self.switchesOff(assignments):
      strict.switchOff()
      cache.current = .off
    case .arg(let assignments) where !context.isStrict && Self.switchesOff(assignments):
      cache.current = .off
    case .run(let run): check(run, instruction, context, &findings)
    default: break
    }
  }

  private func check(
    _ run: Run, _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    guard let script = context.script(of: instruction), script.commands.contains(where: \.isPipInstall) else {
      return
    }
    let commands = script.commands.filter { command in
      command.isPipInstall && !command.isPipWrapper && !command.has("--no-cache-dir")
        && (context.isStrict || !command.has("--no-cache"))
    }
    guard !commands.isEmpty, !Self.switchesOff(script.text.bytes), !isOff(context),
      !run.hasCacheMount(at: ".cache/pip", isStrict: context.isStrict),
      context.isStrict || !run.hasCacheMount(at: "/root/.cache/pip", isStrict: false)
    else { return }
    let edits = commands.compactMap { command -> Edit? in
      guard !run.command.isExec, let verb = command.arguments.first(where: { $0.text == "install" }),
        verb.isVerbatim
      else { return nil }
      return Edit(ByteRange(verb.range.upper, verb.range.upper), " --no-cache-dir")
    }
    findings.report(
      Self.metadata,
      "pip keeps what it downloads in a cache, which stays in the image and is never used again",
      atEach: commands.map { command in
        command.arguments.first { $0.text == "install" }.map { command.nameRange.union($0.range) }
          ?? command.nameRange
      }, note: "`--no-cache-dir` is missing here too", help: "write `pip install --no-cache-dir`",
      fixIt: FixIt("add `--no-cache-dir`", .safe, edits), in: instruction)
  }

  private func isOff(_ context: LintContext) -> Bool {
    if context.isStrict { return strict.isOff }
    switch cache.current {
    case .on: return false
    case .off: return true
    case .ofImage(let image):
      let value = context.environment.imageFacts(image)?.environment["PIP_NO_CACHE_DIR"]
      return value.map { Self.truthy.contains($0) } ?? false
    }
  }

  private static let truthy: Set<String> = [
    "1", "true", "True", "TRUE", "on", "On", "ON", "yes", "Yes", "YES",
  ]

  /// Whether the first assignment to pip's variable switches the cache off.
  private static func switchesOff(_ assignments: [Assignment]) -> Bool {
    guard let found = assignments.first(where: { $0.name.bytes.elementsEqual("PIP_NO_CACHE_DIR".utf8) }),
      let value = found.value
    else { return false }
    let text = value.bytes.filter { $0 != 0x22 && $0 != 0x27 }
    return truthy.contains(String(decoding: text, as: UTF8.self))
  }

  /// Whether the first assignment in a script switches the cache off, as hadolint looks for it in the text.
  private static func switchesOff(_ script: [UInt8]) -> Bool {
    let name = Array("PIP_NO_CACHE_DIR=".utf8)
    guard
      let start = script.indices.first(where: { script[$0] == name[0] && script[$0...].starts(with: name) })
    else { return false }
    let value = script[(start + name.count)...]
    return truthy.contains { value.starts(with: $0.utf8) }
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: """
        `pip install` without `--no-cache-dir`, unless `PIP_NO_CACHE_DIR` is set in the RUN or by ENV in the stage or the one \
        it is built on, or a cache or tmpfs is mounted at `.cache/pip`.
        """,
      why: """
        pip puts every file that it downloads into a cache in the home directory, so that the next installation is \
        faster. In an image there is no next one; the cache only makes the layer larger.
        """,
      instead: """
        Write `pip install --no-cache-dir`, or keep the cache out of the image and use it for the next build: \
        `RUN --mount=type=cache,target=/root/.cache/pip`.
        """,
      fixSafety: "Safe: only the cache is not written.",
      sources: [
        "https://github.com/hadolint/hadolint", "https://pip.pypa.io/en/stable/topics/caching/",
      ],
      examples: [
        .bad(
          """
          FROM python:3.13
          RUN «pip install» -r requirements.txt && ‹python3 -m pip install› .
          RUN pip install --no-cache-dir . && «pip3 install» -c limits.txt uwsgi

          """,
          fixed: """
            FROM python:3.13
            RUN pip install --no-cache-dir -r requirements.txt && python3 -m pip install --no-cache-dir .
            RUN pip install --no-cache-dir . && pip3 install --no-cache-dir -c limits.txt uwsgi

            """),
        .good(
          """
          FROM python:3.13 AS base
          RUN --mount=type=cache,target=/root/.cache/pip pip install -r requirements.txt
          RUN PIP_NO_CACHE_DIR=1 pip install .
          ENV PIP_NO_CACHE_DIR=1
          FROM base
          RUN pip install -r more.txt

          """),
      ],
      differences: [
        HadolintDifference(
          "hadolint takes stages without a name that start from the same image for one",
          """
          FROM a:1
          FROM a:1
          ENV PIP_NO_CACHE_DIR=1
          FROM a:1
          RUN pip install .

          """, ours: [5], strict: []),
        HadolintDifference(
          "a RUN has the values of ARG in its environment too, and a mount at the folder above holds the cache as well",
          """
          FROM a:1
          RUN --mount=type=cache,target=/root/.cache pip install .
          ARG PIP_NO_CACHE_DIR=1
          RUN pip install .

          """, ours: [], strict: [2, 4]),
        HadolintDifference(
          "pip takes the beginning of an option for the option",
          "FROM a:1\nRUN pip install --no-cache .\n", ours: [], strict: [2]),
        .hidden("pip install ."),
      ])
  }
}

/// Where hadolint takes the cache to be off: it knows a stage by its name, or by its image when it has none.
private struct StrictStages {
  private var current: [UInt8]?
  private var isEmpty = true
  private var values: [[UInt8]?: Bool] = [:]

  var isOff: Bool { values[current] ?? false }

  mutating func enter(_ from: From) {
    let image = from.image.map { Array(ImageName($0.bytes, isStrict: true).name) } ?? []
    let key = from.name?.bytes ?? image
    if !isEmpty { values[key] = values[image] ?? false }
    current = key
    isEmpty = false
  }

  mutating func switchOff() {
    values[current] = true
    isEmpty = false
  }
}
