import CIsolation
import Glibc

/// Moves this process into a user namespace in which the caller is user and group 0 and nobody else exists.
///
/// Inside, files without permissions and folders without the right to enter are no obstacle, as for root, and
/// further namespaces can be made. Must be called before the process has a second thread. After an error the
/// process has the rights that it had before.
package func enterUserNamespace() throws(IsolationError) {
  let (uid, gid) = (geteuid(), getegid())
  let answer = isolation_enter_user_namespace()
  guard answer == 0 else { throw .namespaces(errno: -answer) }
  // Without this the kernel does not let an ordinary user write a group map (user_namespaces(7)).
  for (file, content) in [("setgroups", "deny"), ("uid_map", "0 \(uid) 1\n"), ("gid_map", "0 \(gid) 1\n")] {
    let raw = openHost(Array("/proc/self/\(file)".utf8), O_WRONLY)
    guard raw >= 0 else { throw .identityMap(file: file, errno: -raw) }
    let descriptor = Descriptor(owning: raw)
    let error = writeBytes(descriptor.raw, Array(content.utf8))
    guard error == 0 else { throw .identityMap(file: file, errno: error) }
  }
}
