package import Glibc

/// Starts a thread of its own for work that waits for others. It has to be joined or detached; what the body holds goes with its
/// end.
///
/// - Throws: an `errno`, and the body is not called.
package func startThread(_ body: @escaping @Sendable () -> Void) throws(ThreadFailure) -> pthread_t {
  let work = ThreadBody(body)
  var thread = pthread_t()
  let context = unsafe Unmanaged.passRetained(work).toOpaque()
  let error = unsafe pthread_create(
    &thread, nil,
    { context in
      guard let context = unsafe context else { return nil }
      unsafe Unmanaged<ThreadBody>.fromOpaque(context).takeRetainedValue().body()
      return nil
    }, context)
  guard error == 0 else {
    unsafe Unmanaged<ThreadBody>.fromOpaque(context).release()
    throw ThreadFailure(errno: error)
  }
  return thread
}

package struct ThreadFailure: Error {
  package let errno: CInt
}

private final class ThreadBody: Sendable {
  let body: @Sendable () -> Void

  init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}
