"""Countries and units of measure as Factus lists them; a v1 id is the position in its list, from 1.

Facts of the `countries` and `unit-measures` catalogues. Only common units have their names here: every code is
accepted, and an uncommon one is shown with its code as name.
"""

from typing import NamedTuple


class Entry(NamedTuple):
    id: int
    code: str
    name: str


_COUNTRIES = (
    "AF Afganistán;AX Åland;AL Albania;DE Alemania;AD Andorra;AO Angola;AI Anguila;AQ Antártida;AG "
    "Antigua Y Barbuda;SA Arabia Saudita;DZ Argelia;AR Argentina;AM Armenia;AW Aruba;AU Australia;AT "
    "Austria;AZ Azerbaiyán;BS Bahamas;BD Bangladés;BB Barbados;BH Baréin;BE Bélgica;BZ Belice;BJ Benín;BM"
    " Bermudas;BY Bielorrusia;BO Bolivia;BQ Bonaire, San Eustaquio Y Saba;BA Bosnia Y Herzegovina;BW "
    "Botsuana;BR Brasil;BN Brunéi;BG Bulgaria;BF Burkina Faso;BI Burundi;BT Bután;CV Cabo Verde;KH "
    "Camboya;CM Camerún;CA Canadá;QA Catar;TD Chad;CL Chile;CN China;CY Chipre;CO Colombia;KM Comoras;KP "
    "Corea Del Norte;KR Corea Del Sur;CI Costa De Marfil;CR Costa Rica;HR Croacia;CU Cuba;CW Curazao;DK "
    "Dinamarca;DM Dominica;EC Ecuador;EG Egipto;SV El Salvador;AE Emiratos Árabes Unidos;ER Eritrea;SK "
    "Eslovaquia;SI Eslovenia;ES España;US Estados Unidos;EE Estonia;ET Etiopía;PH Filipinas;FI "
    "Finlandia;FJ Fiyi;FR Francia;GA Gabón;GM Gambia;GE Georgia;GH Ghana;GI Gibraltar;GD Granada;GR "
    "Grecia;GL Groenlandia;GP Guadalupe;Gu Guam;GT Guatemala;GF Guayana Francesa;GG Guernsey;GN Guinea;GW"
    " Guinea-Bisáu;GQ Guinea Ecuatorial;GY Guyana;HT Haití;HN Honduras;HK Hong Kong;HU Hungría;IN "
    "India;ID Indonesia;IQ Irak;IR Irán;IE Irlanda;BV Isla Bouvet;IM Isla De Man;CX Isla De Navidad;IS "
    "Islandia;KY Islas Caimán;CC Islas Cocos;CK Islas Cook;FO Islas Feroe;GS Islas Georgias Del Sur Y "
    "Sandwich Del Sur;HM Islas Heard Y Mcdonald;FK Islas Malvinas;MP Islas Marianas Del Norte;MH Islas "
    "Marshall;PN Islas Pitcairn;SB Islas Salomón;TC Islas Turcas Y Caicos;UM Islas Ultramarinas De "
    "Estados Unidos;VG Islas Vírgenes Británicas;VI Islas Vírgenes De Los Estados Unidos;IL Israel;IT "
    "Italia;JM Jamaica;JP Japón;JE Jersey;JO Jordania;KZ Kazajistán;KE Kenia;KG Kirguistán;KI Kiribati;KW"
    " Kuwait;LA Laos;LS Lesoto;LV Letonia;LB Líbano;LR Liberia;LY Libia;LI Liechtenstein;LT Lituania;LU "
    "Luxemburgo;MO Macao;MK Macedonia;MG Madagascar;MY Malasia;MW Malaui;MV Maldivas;ML Malí;MT Malta;MA "
    "Marruecos;MQ Martinica;MU Mauricio;MR Mauritania;YT Mayotte;MX México;FM Micronesia;MD Moldavia;MC "
    "Mónaco;MN Mongolia;ME Montenegro;MS Montserrat;MZ Mozambique;MM Myanmar;NA Namibia;NR Nauru;NP "
    "Nepal;NI Nicaragua;NE Níger;NG Nigeria;UN Niue;NF Norfolk;NO Noruega;NC Nueva Caledonia;NZ Nueva "
    "Zelanda;OM Omán;NL Países Bajos;PK Pakistán;PW Palaos;PS Palestina;PA Panamá;PG Papúa Nueva "
    "Guinea;PY Paraguay;PE Perú;PF Polinesia Francesa;PL Polonia;PT Portugal;PR Puerto Rico;GB Reino "
    "Unido;EH República Árabe Saharaui Democrática;CF República Centroafricana;CZ República Checa;CG "
    "República Del Congo;CD República Democrática Del Congo;DO República Dominicana;RE Reunión;RW "
    "Ruanda;RO Rumania;RU Rusia;WS Samoa;AS Samoa Americana;BL San Bartolomé;KN San Cristóbal Y Nieves;SM"
    " San Marino;MF San Martín;PM San Pedro Y Miquelón;VC San Vicente Y Las Granadinas;SH Santa Elena, "
    "Ascensión Y Tristán De Acuña;LC Santa Lucía;ST Santo Tomé Y Príncipe;SN Senegal;RS Serbia;SC "
    "Seychelles;SL Sierra Leona;SG Singapur;SX Sint Maarten;SY Siria;SO Somalia;LK Sri Lanka;SZ "
    "Suazilandia;ZA Sudáfrica;SD Sudán;SS Sudán Del Sur;SE Suecia;CH Suiza;SR Surinam;SJ Svalbard Y Jan "
    "Mayen;TH Tailandia;TW Taiwán (República De China);TZ Tanzania;TJ Tayikistán;OI Territorio Británico "
    "Del Océano Índico;TF Tierras Australes Y Antárticas Francesas;TL Timor Oriental;TG Togo;TK "
    "Tokelau;TO Tonga;TT Trinidad Y Tobago;TN Túnez;TM Turkmenistán;TR Turquía;TV Tuvalu;UA Ucrania;UG "
    "Uganda;UY Uruguay;UZ Uzbekistán;VU Vanuatu;VA Vaticano, Ciudad Del;VE Venezuela;VN Vietnam;WF Wallis"
    " Y Futuna;YE Yemen;DJ Yibuti;ZM Zambia;ZW Zimbabue"
)
_UNIT_CODES = (
    "4;5;8;10;11;13;14;15;16;17;18;19;20;21;22;23;24;25;26;27;28;29;30;31;32;33;34;35;36;37;38;40;41;43;44;45;46;47;48;53;54;56;57;58;59;60;61;62;63;64;66;69;71;72;73;74;76;77;78;80;81;84;85;87;89;90;91;92;93;94;95;96;97;98;1ª;1B;1C;1D;1E;1F;1G;1H;1I;1J;1K;1L;1M;1X;2ª;2B;2C;2I;2J;2K;2L;2M;2N;2P;2Q;2R;2U;2V;2W;2X;2Y;2Z;3B;3C;3E;3G;3H;3I;4ª;4B;4C;4E;4G;4H;4K;4L;4M;4N;4º;4P;4Q;4R;4T;4U;4W;4X;5ª;5B;5C;5E;5F;5G;5H;5I;5J;5K;5P;5Q;A1;A10;A11;A12;A13;A14;A15;A16;A17;A18;A19;A2;A20;A21;A22;A23;A24;A25;A26;A27;A28;A29;A3;A30;A31;A32;A33;A34;A35;A36;A37;A38;A39;A4;A40;A41;A42;A43;A44;A45;A47;A48;A49;A5;A50;A51;BIL;BJ;BK;BL;BLD;BLL;BO;BP;BQL;BR;BT;BTU;BUA;BUI;BW;BX;BZ;C0;C1;C10;C11;C12;C13;C14;C15;C16;C17;C18;C19;C2;C20;C22;C23;C24;C25;C26;C27;C28;C29;C3;C30;C31;C32;C33;C34;C35;C36;C38;C39;C4;C40;C41;C42;C43;C44;C45;C46;C47;C48;C49;C5;C50;C51;C52;C53;C54;C55;C56;C57;C58;C59;C6;C60;C61;C62;C63;C64;C65;C66;C67;C68;C69;C7;C70;C71;C72;C73;C75;C76;C77;C78;C8;C80;C81;C82;C83;C84;C85;C86;C87;C88;C89;C9;C90;C91;C92;C93;C94;C95;C96;C97;C98;C99;CA;CCT;CDL;CEL;CEN;CG;CGM;CH;CJ;CK;CKG;CL;CLF;CLT;CMK;CMQ;CMT;CNP;CNT;CO;COU;CQ;CR;CS;CT;CTM;CU;CUR;CV;CWA;CWI;CY;CZ;D1;D10;D12;D13;D14;D15;D16;D17;D18;D19;D2;D20;D21;D22;D23;D24;D25;D26;D27;D28;D29;D30;D31;D32;D33;D34;D35;D37;D38;D39;D40;D41;D42;D43;D44;D45;D46;D47;D48;D49;D5;D50;HUR;HY;IA;IC;IE;IF;II;IL;IM;INH;INK;INQ;IP;IT;IU;IV;J2;JB;JE;JG;JK;JM;JO;JOU;JR;K1;K2;K3;K5;K6;KA;KB;KBA;KD;KEL;KF;KG;KGM;KGS;KHZ;KI;KJ;KJO;KL;KMH;KMK;KMQ;KNI;KNS;KNT;KO;KPA;KPH;KPO;KPP;KR;KS;KSD;KSH;KT;KTM;KTN;KUR;KVA;KVR;KVT;KW;KWH;KWT;KX;L2;LA;LBR;LBT;LC;LD;LE;LEF;LF;LH;LI;LJ;LK;LM;LN;LO;LP;LPA;LR;LS;LTN;LTR;LUM;LUX;LX;LY;M0;M1;M4;M5;M7;M9;MA;MAL;MAM;MAW;MBE;MBF;MBR;MC;MCU;MD;MF;MGM;MGM;MIK;MIL;MIN;MIO;MIU;MK;MLD;MLT;MMK;MMQ;MMT;LUN;MPA;MQ;MQH;MQS;MSK;MT;MTK;MTQ;MTR;MTS;MV;MVA;MWH;N1;N2;N3;NA;NAR;NB;NBB;NC;NCL;ND;NE;NEW;NF;NG;NH;NI;NIU;NJ;NL;MNI;NMP;NN;NPL;NPR;TNP;NQ;NR;NRL;NT;NTT;NU;NV;NX;NY;OA;OHM;EN;ONZ;OP;OT;ONZ;OZA;OZI;P0;P1;P2;P3;P4;A52;A53;A54;A55;A56;A57;A58;A6;A60;A61;A62;A63;A64;A65;A66;A67;A68;A69;A7;A70;A71;A73;A74;A75;A76;A77;A78;A79;A8;A80;A81;A82;A83;A84;A85;A86;A87;A88;A89;A9;A90;A91;A93;A94;A95;A96;A97;A98;AA;AB;ACR;AD;AE;AH;AI;AJ;AK;AL;AM;AMH;AMP;ANA;AP;APZ;AQ;AR;SON;COMO;ASM;ASU;ATM;ATT;AV;AW;SÍ;AZ;B0;B1;B11;B12;B13;B14;B15;B16;B18;B2;B20;B21;B22;B23;B24;B25;B26;B27;B28;B29;B3;B31;B32;B33;B34;B35;B36;B37;B38;B39;B4;B40;B41;B42;B43;B44;B45;B46;B47;B48;B49;B5;B50;B51;B52;B53;B54;B55;B56;B57;B58;B59;B6;B60;B61;B62;B63;B64;B65;B66;B67;B69;B7;B70;B71;B72;B73;B74;B75;B76;B77;B78;B79;B8;B81;B83;B84;B85;B86;B87;B88;B89;B9;B90;B91;B92;B93;B94;B95;B96;B97;B98;B99;BAR;BB;BD;SER;BFT;BG;BH;BHP;D51;D52;D53;D54;D55;D56;D57;D58;D59;D6;D60;D61;D62;D63;D64;D65;D66;D67;D69;D7;D70;D71;D72;D73;D74;D75;D76;D77;D79;D8;D80;D81;D82;D83;D85;D86;D87;D88;D89;D9;D90;D91;D92;D93;D94;D95;D96;D97;D98;D99;DAA;DAD;DAY;DB;DC;DD;DE;DEC;DG;DI;DJ;DLT;DMK;DMQ;DMT;DN;DPC;DPR;DPT;DQ;DR;DRA;DRI;DRL;DRM;DS;DT;DTN;DU;DWT;DX;DY;DZN;DZP;E2;E3;E4;E5;EA;EB;CE;EP;EQ;EV;F1;F9;FAH;FAR;FB;FC;FD;FE;FF;FG;FH;FL;FM;FOT;FP;FR;FS;FTK;FTQ;G2;G3;G7;GB;GBQ;GC;GD;GE;GF;GFI;GGR;GH;GIA;GII;GJ;G"
    " "
    "K;GL;GLD;GLI;GLL;GM;GN;GO;GP;GQ;GRM;GRN;GRO;GRT;GT;GV;GW;GWH;GY;GZ;H1;H2;HA;HAR;HBA;HBX;HC;HD;ÉL;HF;HGM;HH;HI;HIU;HJ;HK;HL;HLT;HM;HMQ;HMT;HN;HO;HP;HPA;HS;HT;HTZ;P5;P6;P7;P8;P9;PA;PAL;PB;PD;PE;PF;PG;PGL;Pi;PK;PL;PM;PN;PO;PQ;PR;PD;PT;PTD;PTI;PTL;PU;PV;PW;PY;PZ;Q3;QA;QAN;QB;QD;QH;QK;QR;QT;QTD;QTI;QTL;QTR;R1;R4;R9;RA;RD;RG;RH;RK;RL;RM;RN;RO;RP;RPM;RPS;RS;RT;RU;S3;S4;S5;S6;S7;S8;SA;SAN;OCS;SCR;SD;SE;SEC;SET;SG;SHT;SIE;SK;SL;SMI;SN;SO;SP;SQ;SR;SS;SST;ST;ITS;STN;SV;SO;SX;T0;T1;T3;T4;T5;T6;T7;T8;TA;TAH;TC;TD;TE;TF;TI;TJ;TK;TL;TN;TNE;TP;TPR;TQ;TQD;TR;TRL;TS;TSD;TSH;TT;TU;TV;TW;TY;U1;U2;UA;UB;UC;UD;UE;UF;UH;UM;VA;VI;VLT;VQ;VS;W2;W4;WA;WB;WCD;WE;WEB;WEE;WG;WH;WHR;WI;WM;WR;WSD;WTT;WW;X1;YDK;YDQ;YL;YRD;YT;Z1;Z2;Z3;Z4;Z5;Z6;Z8;ZP;ZZ"
)
_UNIT_NAMES = {
    "94": "unidad",
    "BX": "caja",
    "C62": "uno",
    "CMT": "centímetro",
    "CT": "caja de cartón",
    "HUR": "hora",
    "INH": "pulgada",
    "KGM": "kilogramo",
    "KWH": "kilovatios hora",
    "KWT": "kilovatio",
    "LBR": "libra",
    "LTR": "litro",
    "MIK": "milla cuadrada",
    "MIN": "minuto",
    "MLT": "mililitro",
    "MTK": "metro cuadrado",
    "MTQ": "Metro cúbico",
    "MTR": "metro",
    "NIU": "número de unidades internacionales",
    "NMP": "número de paquetes",
    "ONZ": "onza",
    "ACR": "acre",
    "BG": "bolso",
    "DAY": "día",
    "DZN": "docena",
    "EA": "cada",
    "FOT": "pie",
    "GLL": "galón",
    "GRM": "gramo",
    "PK": "paquete",
    "PR": "par",
    "RO": "rodar",
    "SEC": "segundo",
    "SET": "conjunto",
    "TNE": "tonelada (tonelada métrica)",
    "WEE": "semana",
    "WSD": "estándar",
    "YRD": "yarda",
    "ZZ": "mutuamente definido",
}

COUNTRIES = tuple(
    Entry(position, *entry.split(" ", 1)) for position, entry in enumerate(_COUNTRIES.split(";"), start=1)
)
COUNTRY_BY_CODE = {row.code: row for row in COUNTRIES}

UNITS = tuple(
    Entry(position, code, _UNIT_NAMES.get(code, code))
    for position, code in enumerate(_UNIT_CODES.split(";"), start=1)
)
UNIT_BY_ID = {row.id: row for row in UNITS}
UNIT_BY_CODE = {row.code: row for row in reversed(UNITS)}
NAMED_UNITS = tuple(row for row in UNITS if row.code in _UNIT_NAMES)
