import type { Product } from './model.ts';

/** Products are the same on every platform. Their ids are numbers, because some platforms accept only numbers. */
function product(id: string, sku: string, title: string, priceMinor: number): Product {
  return { id, sku, title, priceMinor };
}

export const luminaProducts: readonly Product[] = [
  product('920100001', 'LMP-OAK-01', 'Oak table lamp with linen shade', 4_990),
  product('920100002', 'LMP-ARC-02', 'Arc floor lamp, brushed brass', 12_900),
  product('920100003', 'LED-STR-5M', 'Warm white LED strip, 5 m', 1_890),
  product('920100004', 'CDL-SOY-03', 'Soy candle set, three scents', 2_450),
  product('920100005', 'CUS-VEL-45', 'Velvet cushion cover 45 x 45 cm', 1_290),
  product('920100006', 'THR-WOL-13', 'Wool throw 130 x 170 cm', 5_900),
  product('920100007', 'VAS-CER-22', 'Ceramic vase, matt white, 22 cm', 3_200),
  product('920100008', 'MIR-RND-60', 'Round wall mirror 60 cm', 6_800),
];

export const nordicProducts: readonly Product[] = [
  product('930200001', 'JKT-RAIN-M', 'Rain jacket, unisex, size M', 8_900),
  product('930200002', 'JKT-RAIN-L', 'Rain jacket, unisex, size L', 8_900),
  product('930200003', 'BOT-HIK-42', 'Hiking boots, EU 42', 11_900),
  product('930200004', 'BAG-DRY-20', 'Dry bag 20 l', 2_490),
  product('930200005', 'TNT-2P-GRN', 'Two-person tent, green', 15_900),
  product('930200006', 'HDL-350-BK', 'Head lamp 350 lm, rechargeable', 3_490),
  product('930200007', 'SOC-MER-2P', 'Merino socks, two pairs', 1_990),
  product('930200008', 'BTL-STL-1L', 'Steel bottle 1 l', 2_190),
];

export const demoBuyers: readonly { key: string; name: string; language: string }[] = [
  { key: 'olivia', name: 'Olivia Carter', language: 'en' },
  { key: 'wei', name: '陈伟', language: 'zh' },
  { key: 'haruka', name: '佐藤 遥', language: 'ja' },
  { key: 'minjun', name: '김민준', language: 'ko' },
  { key: 'somchai', name: 'สมชาย ใจดี', language: 'th' },
  { key: 'linh', name: 'Nguyễn Thùy Linh', language: 'vi' },
  { key: 'putri', name: 'Putri Lestari', language: 'id' },
  { key: 'camila', name: 'Camila Torres', language: 'es' },
  { key: 'joao', name: 'João Almeida', language: 'pt' },
  { key: 'lukas', name: 'Lukas Hoffmann', language: 'de' },
  { key: 'chloe', name: 'Chloé Moreau', language: 'fr' },
  { key: 'yasmin', name: 'ياسمين حداد', language: 'ar' },
];
