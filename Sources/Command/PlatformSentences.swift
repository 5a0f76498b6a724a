import ImageBuild
import OCIModel

/// Why a command for another platform cannot be run, and what to do about it.
func foreignPlatformSentence(
  _ wanted: Platform, on host: Platform, _ reason: ForeignPlatformReason, keyword: String
) -> (message: String, help: String?) {
  let start = "\(keyword) needs to run programs for \(wanted), this machine is \(host), and "
  let folder = "/proc/sys/fs/binfmt_misc"
  let install =
    "`apt-get install qemu-user-static binfmt-support`, or "
    + "`docker run --privileged --rm tonistiigi/binfmt --install \(wanted.architecture)`"
  switch reason {
  case .system:
    return ("\(keyword) needs to run programs for \(wanted), and slipway runs those of Linux alone", nil)
  case .noEmulator: return (start + "the kernel has no emulator for them", "install one: \(install)")
  case .refused:
    return (
      start + "the kernel refuses them",
      "install an emulator (in a container, on its host): \(install); and have binfmt_misc mounted: "
        + "`mount -t binfmt_misc binfmt_misc \(folder)`"
    )
  case .allDisabled:
    return (start + "emulators are switched off", "switch them on, as root: `echo 1 > \(folder)/status`")
  case .disabled(let name):
    return (
      start + "the emulator `\(name)` is switched off", "switch it on, as root: `echo 1 > \(folder)/\(name)`"
    )
  case .noInterpreter(let path):
    let name = String(decoding: path, as: UTF8.self)
    return (
      start + "their emulator \(name) is not in the stage's files",
      "have the kernel hold it open (binfmt_misc's flag F): \(install); or COPY one that needs no libraries to \(name)"
    )
  }
}
