/// The scripts that `rehearse` plays when none is named: the very files in Runbook/, built into the program.
public enum ShippedScript {
  public static let pep458Genesis = PackageResources.pep458_genesis_yaml
  public static let firstRehearsal = PackageResources.first_rehearsal_yaml
}
