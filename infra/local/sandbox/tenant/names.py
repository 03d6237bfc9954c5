"""Names of people, places and departments, Japanese and English."""

JAPANESE_SURNAMES = tuple(
    pair.split(":")
    for pair in ["佐藤:sato", "鈴木:suzuki", "高橋:takahashi", "田中:tanaka", "伊藤:ito", "渡辺:watanabe", "山本:yamamoto", "中村:nakamura", "小林:kobayashi", "加藤:kato", "吉田:yoshida", "山田:yamada", "佐々木:sasaki", "山口:yamaguchi", "松本:matsumoto", "井上:inoue", "木村:kimura", "林:hayashi", "斎藤:saito", "清水:shimizu", "山崎:yamazaki", "森:mori", "池田:ikeda", "橋本:hashimoto", "阿部:abe", "石川:ishikawa", "山下:yamashita", "中島:nakajima", "石井:ishii", "小川:ogawa", "前田:maeda", "岡田:okada"]
)
JAPANESE_GIVEN_NAMES = tuple(
    pair.split(":")
    for pair in ["蓮:ren", "陽翔:haruto", "湊:minato", "樹:itsuki", "悠真:yuma", "大翔:hiroto", "健太:kenta", "翔太:shota", "誠:makoto", "直樹:naoki", "拓也:takuya", "浩:hiroshi", "隆:takashi", "修:osamu", "大輔:daisuke", "亮:ryo", "陽葵:himari", "凛:rin", "結菜:yuna", "美咲:misaki", "さくら:sakura", "葵:aoi", "愛:ai", "恵:megumi", "裕子:yuko", "真由美:mayumi", "直美:naomi", "香織:kaori", "由美:yumi", "智子:tomoko", "彩:aya", "優子:yuko"]
)
ENGLISH_SURNAMES = ["Smith", "Johnson", "Williams", "Brown", "Jones", "Miller", "Davis", "Wilson", "Anderson", "Taylor", "Moore", "Martin", "Lee", "Clark", "Lewis", "Walker", "Hall", "Young", "King", "Wright", "Scott", "Green", "Baker", "Adams", "Nelson", "Hill", "Campbell", "Mitchell", "Roberts", "Carter", "O'Brien", "Müller"]
ENGLISH_GIVEN_NAMES = ["James", "Mary", "Robert", "Patricia", "John", "Jennifer", "Michael", "Linda", "David", "Elizabeth", "William", "Barbara", "Richard", "Susan", "Joseph", "Jessica", "Thomas", "Sarah", "Charles", "Karen", "Daniel", "Nancy", "Matthew", "Lisa", "Anthony", "Betty", "Mark", "Sandra", "Paul", "Ashley", "Emma", "Zoë"]
DEPARTMENTS = (
    ("営業部", "Sales"),
    ("開発部", "Engineering"),
    ("人事部", "Human Resources"),
    ("経理部", "Finance"),
    ("総務部", "General Affairs"),
    ("情報システム部", "IT"),
    ("法務部", "Legal"),
    ("製造部", "Manufacturing"),
    ("品質保証部", "Quality Assurance"),
    ("マーケティング部", "Marketing"),
    ("物流部", "Logistics"),
    ("カスタマーサポート部", "Customer Support"),
)
TITLES = (
    ("部長", "Director"),
    ("課長", "Manager"),
    ("係長", "Team Lead"),
    ("主任", "Senior Specialist"),
    ("担当", "Specialist"),
    ("アシスタント", "Assistant"),
)
# office, city, state, country, two-letter code, postal code, latitude, longitude
OFFICES = (
    ("東京本社 12F", "千代田区", "東京都", "日本", "JP", "100-0005", 35.681, 139.767),
    ("大阪支社 5F", "大阪市", "大阪府", "日本", "JP", "530-0001", 34.702, 135.495),
    ("名古屋支店", "名古屋市", "愛知県", "日本", "JP", "450-0002", 35.170, 136.881),
    ("福岡支店", "福岡市", "福岡県", "日本", "JP", "812-0011", 33.590, 130.420),
    ("札幌支店", "札幌市", "北海道", "日本", "JP", "060-0004", 43.062, 141.354),
    ("Seattle 18/2111", "Seattle", "WA", "United States", "US", "98101", 47.606, -122.332),
    ("London 4F", "London", "England", "United Kingdom", "GB", "EC1A 1BB", 51.507, -0.127),
    ("Singapore Hub", "Singapore", "Central", "Singapore", "SG", "018956", 1.283, 103.851),
)
PARTNERS = ("fabrikam.example", "northwind.example", "adatum.example", "tailspin.example")
PROJECTS = ("Aurora", "Borealis", "Cascade", "さくら", "富士", "Delta", "桜島", "Horizon")
