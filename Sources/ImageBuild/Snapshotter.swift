/// How the changes of a RUN are found.
///
/// The layer is the same with each, byte by byte. What differs is what the command can do: see docs/build.md.
package enum Snapshotter: String, Sendable, CaseIterable {
  /// An overlay, where one can be mounted and the stage's files allow it; otherwise a comparison.
  case auto
  /// An overlay; where none can be mounted, the step fails. A comparison is made only where the stage's files would
  /// look different on an overlay.
  case overlay
  /// The command works on the stage's files themselves, which are read before and after.
  case diff
}
