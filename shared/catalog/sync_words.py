"""The words of the report on what cannot be synced."""

from collections.abc import Mapping

from shared.core.text import Text

ERROR: Mapping[str, Text] = {
    "name": Text("Name that is not synced", "同期されない名前"),
    "extension": Text("Excluded file type", "除外されたファイルの種類"),
    "path": Text("Path too long", "パスが長すぎる"),
    "quota": Text("Storage", "容量"),
    "items": Text("Too many items", "アイテム数が多すぎる"),
    "reported": Text("Reported by the sync app", "同期アプリからの報告"),
}
MESSAGE: Mapping[str, Text] = {
    "name": Text(
        "The sync app leaves out files of this name.",
        "この名前のファイルは同期アプリの対象外です。",
    ),
    "extension": Text(
        "The tenant's settings exclude this file type from being synced.",
        "テナントの設定により、この種類のファイルは同期から除外されています。",
    ),
    "path": Text(
        "The path has more than 400 characters.",
        "パスが 400 文字を超えています。",
    ),
    "quota_nearing": Text("The storage is nearly full.", "容量が残り少なくなっています。"),
    "quota_critical": Text("The storage is as good as full.", "容量がほぼ上限に達しています。"),
    "quota_exceeded": Text(
        "The storage is full: nothing is uploaded any more.",
        "容量の上限を超えたため、アップロードできません。",
    ),
    "items": Text(
        "The library has more than 300,000 items.",
        "ライブラリのアイテムが 300,000 件を超えています。",
    ),
}
ADVICE: Mapping[str, Text] = {
    "name": Text("Rename the file, or delete what is left over.", "名前を変更するか、不要なら削除してください。"),
    "extension": Text(
        "Upload it in the browser, or allow the file type.",
        "ブラウザーでアップロードするか、ファイルの種類を許可してください。",
    ),
    "path": Text("Shorten names, or move it further up.", "名前を短くするか、上位のフォルダーへ移動してください。"),
    "quota": Text("Delete files, or raise the quota.", "ファイルを削除するか、容量を増やしてください。"),
    "items": Text("Sync fewer folders, or split the library.", "同期するフォルダーを減らすか、ライブラリを分割してください。"),
}  # fmt: skip
SOURCE: Mapping[str, Text] = {
    "import": Text("Imported from the admin centre", "管理センターからのインポート"),
    "proxy": Text("Derived from what is in the cloud", "クラウドの内容から推定"),
}
STATUS: Mapping[str, Text] = {
    "open": Text("Open", "未解決"),
}
NO_CODE = Text(
    "Only the sync app knows an error code; what is imported, or derived from the cloud, has none.",
    "エラー コードは同期アプリのみが保持しており、インポートやクラウドからの推定では得られません。",
)
NO_END = Text(
    "What is solved is no finding any more; ask as of an earlier instant for what was.",
    "解決した項目は表示されません。過去の時点を指定して確認してください。",
)
LACKS: Mapping[str, Text] = {
    "onedrive_sync_errors": Text(
        "No errors of the sync app were imported: all rows are derived from what is in the cloud.",
        "同期アプリのエラーはインポートされていません。すべての行はクラウドの内容からの推定です。",
    ),
    "user_drives": Text(
        "Drives of some people are not known: what cannot be synced there is missing.",
        "一部のユーザーのドライブを取得していないため、該当項目が含まれていません。",
    ),
    "drive_items": Text(
        "Some drives of people were not read to their end: what cannot be synced there is missing.",
        "一部のユーザーのドライブを最後まで取得していないため、該当項目が含まれていません。",
    ),
    "site_drives": Text(
        "Libraries of some sites are not known: what cannot be synced there is missing.",
        "一部のサイトのライブラリを取得していないため、該当項目が含まれていません。",
    ),
    "site_drive_items": Text(
        "Some libraries of sites were not read to their end: what cannot be synced there is missing.",
        "一部のサイトのライブラリを最後まで取得していないため、該当項目が含まれていません。",
    ),
    "sharepoint_settings": Text(
        "Which types of files the tenant excludes from being synced is not known.",
        "テナントが同期から除外したファイルの種類を取得していません。",
    ),
    "onedrive_usage": Text(
        "How many files each OneDrive has is not known.",
        "各 OneDrive のファイル数を取得していません。",
    ),
    "sharepoint_site_usage": Text(
        "How many files each site has is not known.",
        "各サイトのファイル数を取得していません。",
    ),
}
ABOUT = Text(
    "Microsoft Graph has no sync errors: those of the sync app are here as far as the export of the Microsoft 365 Apps "
    "admin centre was imported (onedrive_sync_errors). All else is derived from what is in the cloud: drives whose "
    "storage is nearly full or full, libraries of more than 300,000 items, files with names the sync app leaves out "
    "(~$..., desktop.ini, .lock, .ds_store) or paths of more than 400 characters, and shared files of types that the "
    "tenant excludes from being synced. Paths of Office documents are not known. What never reached the cloud is not found.",
    "Microsoft Graph には同期エラーがありません。同期アプリのエラーは、Microsoft 365 Apps 管理センターのエクスポートをインポート "
    "(onedrive_sync_errors) した場合のみ表示されます。それ以外はクラウドの内容からの推定です: 容量が残り少ない・上限を超えたドライブ、"
    "300,000 件を超えるライブラリ、同期アプリの対象外の名前 (~$…、desktop.ini、.lock、.ds_store)、400 文字を超えるパス、"
    "テナントが同期から除外した種類の共有ファイル。Office ドキュメントのパスは取得できません。"
    "クラウドに届かなかったファイルは検出できません。",
)
