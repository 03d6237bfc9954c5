"""Licence part numbers: the names of those that tenants commonly own, and which cost nothing.

https://learn.microsoft.com/en-us/entra/identity/users/licensing-service-plan-reference
"""

PRODUCT_NAMES: dict[str, str] = {
    "AAD_PREMIUM": "Microsoft Entra ID P1",
    "AAD_PREMIUM_P2": "Microsoft Entra ID P2",
    "ATP_ENTERPRISE": "Microsoft Defender for Office 365 (Plan 1)",
    "DESKLESSPACK": "Office 365 F3",
    "DEVELOPERPACK_E5": "Microsoft 365 E5 Developer",
    "EMS": "Enterprise Mobility + Security E3",
    "EMSPREMIUM": "Enterprise Mobility + Security E5",
    "ENTERPRISEPACK": "Office 365 E3",
    "ENTERPRISEPREMIUM": "Office 365 E5",
    "EXCHANGEENTERPRISE": "Exchange Online (Plan 2)",
    "EXCHANGESTANDARD": "Exchange Online (Plan 1)",
    "FLOW_FREE": "Microsoft Power Automate Free",
    "IDENTITY_THREAT_PROTECTION": "Microsoft 365 E5 Security",
    "INTUNE_A": "Microsoft Intune Plan 1",
    "MCOEV": "Microsoft Teams Phone Standard",
    "Microsoft_365_Copilot": "Microsoft 365 Copilot",
    "Microsoft_Teams_Enterprise_New": "Microsoft Teams Enterprise",
    "O365_BUSINESS": "Microsoft 365 Apps for business",
    "O365_BUSINESS_ESSENTIALS": "Microsoft 365 Business Basic",
    "O365_BUSINESS_PREMIUM": "Microsoft 365 Business Standard",
    "OFFICESUBSCRIPTION": "Microsoft 365 Apps for enterprise",
    "POWER_BI_PRO": "Power BI Pro",
    "POWER_BI_STANDARD": "Microsoft Fabric (Free)",
    "PROJECTPROFESSIONAL": "Project Plan 3",
    "SPB": "Microsoft 365 Business Premium",
    "SPE_E3": "Microsoft 365 E3",
    "SPE_E5": "Microsoft 365 E5",
    "SPE_F1": "Microsoft 365 F3",
    "STANDARDPACK": "Office 365 E1",
    "TEAMS_EXPLORATORY": "Microsoft Teams Exploratory",
    "VISIOCLIENT": "Visio Plan 2",
    "WIN10_VDA_E3": "Windows 10/11 Enterprise E3",
}

# Microsoft marks what costs nothing in the part number: free plans, self-service sign-ups (viral,
# ad hoc) and trials. They come in lots of thousands that nobody bought.
FREE_PART_NUMBER = (
    r"(^|[^a-z0-9])v?(free|viral|trial|adhoc|exploratory)([^a-z0-9]|$)"
    # Those that do not say so.
    r"|^(power_bi_standard|windows_store|stream|powerapps_dev|microsoft_business_center"
    r"|microsoft_teams_rooms_basic|phonesystem_virtualuser|project_madeira_preview_iw_sku)$"
)
