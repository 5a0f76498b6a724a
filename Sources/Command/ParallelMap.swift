import Glibc
import Synchronization

/// Applies a function to each element, on all cores when there are many elements; results in the order of the elements.
func parallelMap<Element: Sendable, Result: Sendable>(
  _ elements: [Element], _ transform: @escaping @Sendable (Element) -> Result
) -> [Result] {
  let workers = min(max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))), elements.count / 8, 64)
  guard workers > 1 else { return elements.map(transform) }
  let work = SharedWork(elements: elements, transform: transform)
  var threads: [pthread_t] = []
  for _ in 1..<workers {
    var thread = pthread_t()
    let context = unsafe Unmanaged.passRetained(ThreadBody { work.run() }).toOpaque()
    let result = unsafe pthread_create(
      &thread, nil,
      { context in
        guard let context = unsafe context else { return nil }
        unsafe Unmanaged<ThreadBody>.fromOpaque(context).takeRetainedValue().body()
        return nil
      }, context)
    if result == 0 {
      threads.append(thread)
    } else {
      unsafe Unmanaged<ThreadBody>.fromOpaque(context).release()
    }
  }
  work.run()
  for thread in threads { pthread_join(thread, nil) }
  return work.results
}

/// What a thread does.
private final class ThreadBody: Sendable {
  let body: @Sendable () -> Void
  init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}

/// Elements that several threads take one by one.
private final class SharedWork<Element: Sendable, Result: Sendable>: Sendable {
  private let elements: [Element]
  private let transform: @Sendable (Element) -> Result
  private let next = Atomic(0)
  private let finished: Mutex<[Result?]>

  init(elements: [Element], transform: @escaping @Sendable (Element) -> Result) {
    self.elements = elements
    self.transform = transform
    finished = Mutex([Result?](repeating: nil, count: elements.count))
  }

  func run() {
    while true {
      let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
      guard index < elements.count else { return }
      let result = transform(elements[index])
      finished.withLock { $0[index] = result }
    }
  }

  /// The results, once every thread has come back.
  var results: [Result] { finished.withLock { $0.compactMap(\.self) } }
}
