"""What Tenant Configuration Management extracts of Intune: types, and the policies that a tenant has.

Types and properties: the pages "utcm-supported-resourcetypes" and "utcm-intune-resources" of Microsoft Graph,
of which the newer one has `asrRulesPolicyWindows10` and the administrator's password no more. Compliance
policies are those that Intune itself tells of.
"""

from collections.abc import Iterator

from infra.local.sandbox.tenant.collection import Entity
from infra.local.sandbox.tenant.dice import Dice

WORKLOAD = "intune"
# What both pages have, without its beginning.
_KINDS = (
    "accountprotectionlocalusergroupmembershippolicy accountprotectionpolicy "
    "antiviruspolicywindows10settingcatalog appconfigurationpolicy applicationcontrolpolicywindows10 "
    "appprotectionpolicyandroid appprotectionpolicyios "
    "attacksurfacereductionrulespolicywindows10configmanager deviceandappmanagementassignmentfilter "
    "devicecategory devicecleanuprule devicecompliancepolicyandroid "
    "devicecompliancepolicyandroiddeviceowner devicecompliancepolicyandroidworkprofile "
    "devicecompliancepolicyios devicecompliancepolicymacos devicecompliancepolicywindows10 "
    "deviceconfigurationadministrativetemplatepolicywindows10 deviceconfigurationcustompolicywindows10 "
    "deviceconfigurationdefenderforendpointonboardingpolicywindows10 "
    "deviceconfigurationdeliveryoptimizationpolicywindows10 "
    "deviceconfigurationdomainjoinpolicywindows10 deviceconfigurationemailprofilepolicywindows10 "
    "deviceconfigurationendpointprotectionpolicywindows10 "
    "deviceconfigurationfirmwareinterfacepolicywindows10 "
    "deviceconfigurationhealthmonitoringconfigurationpolicywindows10 "
    "deviceconfigurationidentityprotectionpolicywindows10 "
    "deviceconfigurationimportedpfxcertificatepolicywindows10 "
    "deviceconfigurationkioskpolicywindows10 deviceconfigurationnetworkboundarypolicywindows10 "
    "deviceconfigurationpkcscertificatepolicywindows10 "
    "deviceconfigurationpolicyandroiddeviceadministrator deviceconfigurationpolicyandroiddeviceowner "
    "deviceconfigurationpolicyandroidopensourceproject deviceconfigurationpolicyandroidworkprofile "
    "deviceconfigurationpolicyios deviceconfigurationpolicymacos deviceconfigurationpolicywindows10 "
    "deviceconfigurationscepcertificatepolicywindows10 "
    "deviceconfigurationsecureassessmentpolicywindows10 "
    "deviceconfigurationsharedmultidevicepolicywindows10 "
    "deviceconfigurationtrustedcertificatepolicywindows10 deviceconfigurationvpnpolicywindows10 "
    "deviceconfigurationwindowsteampolicywindows10 deviceconfigurationwirednetworkpolicywindows10 "
    "deviceenrollmentlimitrestriction deviceenrollmentplatformrestriction "
    "deviceenrollmentstatuspagewindows10 endpointdetectionandresponsepolicywindows10 "
    "exploitprotectionpolicywindows10settingcatalog policysets roleassignment roledefinition "
    "settingcatalogasrrulespolicywindows10 settingcatalogcustompolicywindows10 "
    "wificonfigurationpolicyandroiddeviceadministrator "
    "wificonfigurationpolicyandroidenterprisedeviceowner "
    "wificonfigurationpolicyandroidenterpriseworkprofile wificonfigurationpolicyandroidforwork "
    "wificonfigurationpolicyandroidopensourceproject wificonfigurationpolicyios "
    "wificonfigurationpolicymacos wificonfigurationpolicywindows10 "
    "windowsautopilotdeploymentprofileazureadhybridjoined "
    "windowsautopilotdeploymentprofileazureadjoined "
    "windowsinformationprotectionpolicywindows10mdmenrolled "
    "windowsupdateforbusinessfeatureupdateprofilewindows10 "
    "windowsupdateforbusinessringupdateprofilewindows10"
)
TYPES = frozenset(f"microsoft.{WORKLOAD}.{kind}" for kind in _KINDS.split())
_TO_ALL = {"dataType": "#microsoft.graph.allDevicesAssignmentTarget"}
_NOT_FILTERED = {"deviceAndAppManagementAssignmentFilterType": "none"}


def policies(dice: Dice) -> Iterator[tuple[str, str, Entity]]:
    """Kind, what it is known by, and properties, of which the first is what it is known by."""
    yield "DeviceCleanupRule", "Yes", {
        "IsSingleInstance": "Yes", "Enabled": True, "DeviceInactivityBeforeRetirementInDays": 180,
    }  # fmt: skip
    for place, (kind, name, said) in enumerate(_NAMED):
        roll = dice.roll(place)
        own: Entity = {"DisplayName": name, "Description": "By hand" if roll[0] < 90 else ""}
        if kind.startswith(("DeviceCompliance", "DeviceConfiguration", "WindowsUpdate")):
            assigned = {**_TO_ALL, **_NOT_FILTERED}
            own |= {"Assignments": [assigned] if roll[1] < 200 else []}
        yield kind, name, {**own, **said}


_NAMED: tuple[tuple[str, str, Entity], ...] = (
    ("DeviceCategory", "社用", {}),
    ("DeviceCategory", "Kiosk", {}),
    ("DeviceCompliancePolicyWindows10", "Windows 標準", {
        "PasswordRequired": True, "PasswordBlockSimple": True, "PasswordMinimumLength": 8,
        "PasswordMinutesOfInactivityBeforeLock": 15, "PasswordRequiredType": "Alphanumeric",
        "OsMinimumVersion": "10.0.19045", "BitLockerEnabled": True, "SecureBootEnabled": True,
        "StorageRequireEncryption": True, "DefenderEnabled": True, "TpmRequired": False,
    }),
    ("DeviceCompliancePolicyWindows10", "Windows pilot", {
        "PasswordRequired": True, "PasswordMinimumLength": 8, "OsMinimumVersion": "10.0.22631",
        "BitLockerEnabled": True, "SecureBootEnabled": True, "CodeIntegrityEnabled": True,
        "DeviceThreatProtectionEnabled": True, "DeviceThreatProtectionRequiredSecurityLevel": "Medium",
    }),
    ("DeviceCompliancePolicyiOs", "iPhone", {
        "PasscodeRequired": True, "PasscodeBlockSimple": True, "PasscodeMinimumLength": 6,
        "PasscodeRequiredType": "numeric", "OsMinimumVersion": "17.0",
        "SecurityBlockJailbrokenDevices": True, "ManagedEmailProfileRequired": False,
    }),
    ("DeviceConfigurationPolicyWindows10", "Windows restrictions", {
        "CameraBlocked": False, "ScreenCaptureBlocked": False, "CortanaBlocked": True,
        "StorageBlockRemovableStorage": True,
    }),
    ("DeviceEnrollmentLimitRestriction", "All users and all devices", {"Limit": 5}),
    ("DeviceAndAppManagementAssignmentFilter", "Corporate Windows", {
        "Platform": "windows10AndLater", "Rule": '(device.deviceOwnership -eq "Corporate")',
    }),
    ("AppProtectionPolicyiOS", "iOS apps", {
        "PinRequired": True, "MinimumPinLength": 6, "DataBackupBlocked": True, "SaveAsBlocked": True,
        "AllowedOutboundDataTransferDestinations": "managedApps",
        "PeriodOfflineBeforeWipeIsEnforced": "90.00:00:00",
        "Apps@odata.type": "#Collection(String)",
        "Apps": ["com.microsoft.office.outlook", "com.microsoft.skype.teams"],
    }),
    ("WindowsUpdateForBusinessRingUpdateProfileWindows10", "Broad", {
        "AllowWindows11Upgrade": False, "AutomaticUpdateMode": "autoInstallAtMaintenanceTime",
        "QualityUpdatesDeferralPeriodInDays": 7, "FeatureUpdatesDeferralPeriodInDays": 30,
        "FeatureUpdatesPaused": False, "QualityUpdatesPaused": False, "DriversExcluded": False,
    }),
    ("WindowsUpdateForBusinessRingUpdateProfileWindows10", "先行", {
        "AllowWindows11Upgrade": True, "AutomaticUpdateMode": "windowsDefault",
        "QualityUpdatesDeferralPeriodInDays": 0, "FeatureUpdatesDeferralPeriodInDays": 0,
        "FeatureUpdatesPaused": False, "QualityUpdatesPaused": False, "DriversExcluded": False,
    }),
)  # fmt: skip
