import type { LanguageGuess } from './script.domain.ts';

// Indonesian and Malay share most words; these are everyday words of buyers that only one of the two uses.
const indonesian = new Set(
  `aja apakah batalin celana dikirim diskon gratis halo kartu kemarin kupon pajak pesen retur tagihan ukuran banget barangnya bagaimana besok bisa butuh coba dong enggak faktur gak gan garansi gimana jumat kak kalau
   kalian kapan karena kemeja kirim kok kualitas kurir layar makasih mau merek minggu mobil nggak nih nomor ongkir paket
   paketnya pakai pengiriman perusahaan resi rusak sepatu senin sih sudah telepon tas toko uang udah warnanya`.split(
    /\s+/,
  ),
);
const malay = new Set(
  `adakah ahad ansuran asyik bandar baucar bayaran caj cukai dihantar encik helo kad kat kereta lepas nampak pasu pejabat
   penyata poskod puan pulangkan pukul seluar semalam sesiapa silap takde tersalah tersilap akaun awak baju beg beza bila boleh bungkusan cawan cuba dah diskaun esok hantar hantarkan invois isnin
   jaminan jenama jumaat kasut kedai kerana khamis kod korang kualiti macam minit nak ni nombor pembeli penghantaran
   penjejakan percuma perlukan pos resit rosak saiz sebab selamat semula skrin syarikat tak telefon tempahan tukar wang`.split(
    /\s+/,
  ),
);

/** Decides between Indonesian and Malay for a message that the library called Malay: it has one model for both. */
export function indonesianOrMalay(words: string, confidence: number): LanguageGuess {
  const found = words.toLowerCase().split(' ');
  const difference = count(found, malay) - count(found, indonesian);
  if (difference > 0) return { language: 'ms', confidence: confidence * certainty(difference) };
  // No word decides: Indonesian, because ten times as many buyers write it.
  return { language: 'id', confidence: confidence * certainty(-difference) };
}

function certainty(difference: number): number {
  return difference === 0 ? 0.6 : difference === 1 ? 0.85 : 1;
}

function count(found: readonly string[], words: ReadonlySet<string>): number {
  return found.filter((word) => words.has(word)).length;
}
