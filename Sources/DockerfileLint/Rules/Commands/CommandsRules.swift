/// The rules about other commands in RUN, sorted by id.
let commandRules: [any Rule.Type] = [
  PointlessCommand.self, DirectoryChange.self, Sudo.self, CopiedArchive.self, UnpinnedPipPackage.self,
  UnpinnedNpmPackage.self, UnpinnedGem.self, PipCache.self, LargeUserID.self, WgetProgress.self,
  ConsecutiveRuns.self, YarnCache.self, UnpinnedGoPackage.self, CurlAndWget.self, ReplacedShell.self,
  PipeWithoutPipefail.self,
]
