"""The policies of Intune: what devices must fulfil, what is set on them, how they are enrolled and updated."""

from datetime import timedelta

from shared.catalog.configuration_snapshots import snapshots_of
from shared.core.text import Text

COLLECTOR = snapshots_of(
    "intune",
    "accountProtectionLocalUserGroupMembershipPolicy accountProtectionPolicy "
    "antivirusPolicyWindows10SettingCatalog appConfigurationPolicy applicationControlPolicyWindows10 "
    "appProtectionPolicyAndroid appProtectionPolicyiOS deviceAndAppManagementAssignmentFilter "
    "deviceCategory deviceCleanupRule deviceCompliancePolicyAndroid "
    "deviceCompliancePolicyAndroidDeviceOwner deviceCompliancePolicyAndroidWorkProfile "
    "deviceCompliancePolicyiOs deviceCompliancePolicyMacOS deviceCompliancePolicyWindows10 "
    "deviceConfigurationAdministrativeTemplatePolicyWindows10 deviceConfigurationCustomPolicyWindows10 "
    "deviceConfigurationEndpointProtectionPolicyWindows10 "
    "deviceConfigurationIdentityProtectionPolicyWindows10 deviceConfigurationPolicyAndroidDeviceOwner "
    "deviceConfigurationPolicyAndroidWorkProfile deviceConfigurationPolicyiOS "
    "deviceConfigurationPolicyMacOS deviceConfigurationPolicyWindows10 deviceEnrollmentLimitRestriction "
    "deviceEnrollmentPlatformRestriction deviceEnrollmentStatusPageWindows10 "
    "endpointDetectionAndResponsePolicyWindows10 exploitProtectionPolicyWindows10SettingCatalog "
    "roleAssignment roleDefinition settingCatalogASRRulesPolicyWindows10 "
    "settingCatalogCustomPolicyWindows10 windowsAutopilotDeploymentProfileAzureADHybridJoined "
    "windowsAutopilotDeploymentProfileAzureADJoined "
    "windowsUpdateForBusinessFeatureUpdateProfileWindows10 "
    "windowsUpdateForBusinessRingUpdateProfileWindows10",
    Text("Intune configuration", "Intune の構成"),
    timedelta(days=7),
    licence="Microsoft Intune",
    # A job that finds nothing refuses nobody.
    plans=("INTUNE",),
)
