package import Isolation
package import OCIModel
package import Registry

/// What a build tells while it goes on; times are the listener's business.
package enum BuildEvent: Sendable {
  /// Which step of which stage.
  package struct Step: Hashable, Sendable {
    /// The stage's name, or its number where there is none.
    package var stage: String
    /// Counted from 1 in the stage; the base is a step of its own.
    package var number: Int
    package var total: Int
    package var title: String
    /// Whether the instruction comes from the base's ONBUILD.
    package var isTrigger: Bool
  }

  case warning(BuildWarning)
  case stepStarted(Step)
  case output(Step, OutputChunk)
  case stepFinished(Step)
  /// The step has failed; the build's error says why. Comes in place of `stepFinished`.
  case stepFailed(Step)
  /// The step is not executed: the cache has its layer. Comes in place of `stepFinished`.
  case stepCached(Step)
  /// The step's command has failed, and a shell takes the terminal over: nothing may be shown there until
  /// `shellClosed`.
  case shellOpened(Step, ExitStatus)
  case shellClosed(Step)
  /// Comes before the step is executed or taken from the cache, if asked for.
  case cacheVerdict(Step, CacheVerdict)
  /// A base image comes from its registry.
  case pullStarted(ImageReference)
  case pulling(ImageReference, TransferEvent)
  case pulled(ImageReference, OCIModel.Descriptor)
  /// The build's error says why. Comes in place of `pulled`, or without a start.
  case pullFailed(ImageReference)
  case exporting
  case exported(OCIModel.Descriptor)
}
