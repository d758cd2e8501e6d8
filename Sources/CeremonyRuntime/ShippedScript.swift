/// The scripts that `rehearse` plays when none is named: the very files in Runbook/, built into the program.
package enum ShippedScript {
  package static let pep458Genesis = PackageResources.pep458_genesis_yaml
  package static let firstRehearsal = PackageResources.first_rehearsal_yaml
}
