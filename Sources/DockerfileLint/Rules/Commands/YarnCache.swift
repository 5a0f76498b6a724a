import Diagnostics
package import DockerfileSyntax
import SourceText

/// DL3060: yarn's cache left in the image.
package struct YarnCache: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DL3060", "yarn-cache"), .info, fix: .safe, visits: [.run, .from], visitsTriggers: true,
    commands: ["yarn"], summary: "`yarn install` that leaves its cache in the image")

  private var stages = StageUse()
  /// What is reported if its stage turns out to be part of an image.
  private var candidates: [(stage: StageUse.Key, diagnostic: Diagnostic, instruction: Int)] = []

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    switch instruction.details {
    case .from(let from): stages.enter(from, isStrict: context.isStrict)
    case .run(let run): check(run, instruction, context)
    default: break
    }
  }

  private mutating func check(_ run: Run, _ instruction: Instruction, _ context: LintContext) {
    guard let script = context.script(of: instruction),
      let install = script.commands.firstIndex(where: { $0.is("yarn", "install") })
    else { return }
    let isStrict = context.isStrict
    let clean = script.commands.firstIndex { command in
      // hadolint is content with either word.
      command.is("yarn", "clean") && (isStrict || command.has("cache"))
        || isStrict && command.is("yarn", "cache")
    }
    if let clean, clean >= install { return }
    if !isStrict || clean == nil, run.hasCacheMount(at: ".cache/yarn", isStrict: isStrict) { return }
    if !isStrict,
      run.hasCacheMount(at: "/root/.cache/yarn", isStrict: false)
        || run.hasCacheMount(at: "/usr/local/share/.cache/yarn", isStrict: false)
    {
      return
    }
    let command = script.commands[install]
    let verb = command.arguments.first { $0.text == "install" }
    let fixIt = AppendedCommand("yarn cache clean", to: instruction, context).flatMap { appended in
      FixIt("clean the cache", appended.isPlainList ? .safe : .unsafe, [appended.edit])
    }
    candidates.append(
      (
        stages.current,
        Diagnostic(
          Self.metadata.code, Self.metadata.severity,
          "yarn keeps a copy of every package in a cache, which stays in the image and is never used again",
          at: verb.map { command.nameRange.union($0.range) } ?? command.nameRange,
          help: "end the RUN with `&& yarn cache clean`", fixIts: fixIt.map { [$0] } ?? []),
        instruction.index
      ))
  }

  package mutating func finish(_ context: LintContext, _ findings: inout Findings) {
    for candidate in candidates where stages.isUsed(candidate.stage) {
      findings.report(candidate.diagnostic, at: candidate.instruction)
    }
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: """
        A RUN with `yarn install` and without `yarn cache clean` behind it, unless a cache or tmpfs is mounted at \
        `.cache/yarn`. Only the last stage counts, and stages that others are built on.
        """,
      why: """
        Yarn keeps every package that it downloads in a cache beside the installed one, so that the next installation is \
        faster. In an image there is no next one; the cache only makes the layer larger.
        """,
      instead: """
        End the RUN with `&& yarn cache clean`, or keep the cache out of the image and use it for the next build: \
        `RUN --mount=type=cache,target=/usr/local/share/.cache/yarn`.
        """,
      fixSafety: """
        Safe where the commands of the RUN are run one after the other; unsafe where there is a condition, a loop or `||`. \
        No fix where the end of the RUN cannot be added to, as in a here-document.
        """,
      sources: ["https://github.com/hadolint/hadolint", "https://classic.yarnpkg.com/en/docs/cli/cache"],
      examples: [
        .bad(
          """
          FROM node:22
          RUN «yarn install» --frozen-lockfile

          """,
          fixed: """
            FROM node:22
            RUN yarn install --frozen-lockfile && yarn cache clean

            """),
        .good(
          """
          FROM node:22 AS build
          RUN yarn install
          FROM node:22
          RUN yarn install --production && yarn cache clean
          RUN --mount=type=cache,target=/root/.cache/yarn yarn install

          """),
      ],
      differences: [
        HadolintDifference(
          "`yarn cache dir` shows where the cache is and cleans nothing",
          "FROM a:1\nRUN yarn install && yarn cache dir\n", ours: [2], strict: []),
        HadolintDifference(
          "a mount at the folder above holds the cache as well",
          "FROM a:1\nRUN --mount=type=cache,target=/usr/local/share/.cache yarn install\n", ours: [],
          strict: [2]),
        .hidden("yarn install"),
      ])
  }
}
