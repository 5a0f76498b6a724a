/// What is told while an archive or layout is read.
package enum LoadEvent: Hashable, Sendable {
  /// A layer or document of an image is being read: its name in the archive, its bytes so far, and all of them.
  case progress(String, Int64, of: Int64)
  /// It has been read; its name and its bytes.
  case finished(String, Int64)
}

/// Told what happens; by the thread that reads.
package typealias LoadObserver = (LoadEvent) -> Void
