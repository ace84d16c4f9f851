"""Municipalities as Factus numbers them: the v1 id is the position in this list, counted from 1.

Facts of the `municipios` catalogue (v1 and v2 keep the same order), packed by department: `code name:`,
then its municipalities, each as three digits and a name. Both codes together are the five-digit DANE code.
"""

from typing import NamedTuple


class Municipality(NamedTuple):
    id: int
    code: str
    name: str
    department_id: int
    department_code: str
    department_name: str


_PACKED = """
91 Amazonas: 263 El Encanto; 405 La Chorrera; 407 La Pedrera; 430 La Victoria; 001 Leticia; 460 Miriti -
Parana; 530 Puerto Alegria; 536 Puerto Arica; 540 Puerto Nariño; 669 Puerto Santander; 798 Tarapaca.
05 Antioquia: 002 Abejorral; 004 Abriaqui; 021 Alejandria; 030 Amaga; 031 Amalfi; 034 Andes; 036 Angelopolis;
038 Angostura; 040 Anori; 044 Anza; 045 Apartado; 051 Arboletes; 055 Argelia; 059 Armenia; 079 Barbosa; 088
Bello; 086 Belmira; 091 Betania; 093 Betulia; 107 Briceño; 113 Buritica; 138 Cañasgordas; 120 Caceres; 125
Caicedo; 129 Caldas; 134 Campamento; 142 Caracoli; 145 Caramanta; 147 Carepa; 150 Carolina; 154 Caucasia; 172
Chigorodo; 190 Cisneros; 101 Ciudad Bolivar; 197 Cocorna; 206 Concepcion; 209 Concordia; 212 Copacabana; 234
Dabeiba; 237 Don Matias; 240 Ebejico; 250 El Bagre; 148 El Carmen De Viboral; 697 El Santuario; 264
Entrerrios; 266 Envigado; 282 Fredonia; 284 Frontino; 306 Giraldo; 308 Girardota; 310 Gomez Plata; 313
Granada; 315 Guadalupe; 318 Guarne; 321 Guatape; 347 Heliconia; 353 Hispania; 360 Itagüi; 361 Ituango; 364
Jardin; 368 Jerico; 376 La Ceja; 380 La Estrella; 390 La Pintada; 400 La Union; 411 Liborina; 425 Maceo; 440
Marinilla; 001 Medellin; 467 Montebello; 475 Murindo; 480 Mutata; 483 Nariño; 495 Nechi; 490 Necocli; 501
Olaya; 541 Peñol; 543 Peque; 576 Pueblorrico; 579 Puerto Berrio; 585 Puerto Nare; 591 Puerto Triunfo; 604
Remedios; 607 Retiro; 615 Rionegro; 628 Sabanalarga; 631 Sabaneta; 642 Salgar; 647 San Andres De Cuerquia; 649
San Carlos; 652 San Francisco; 656 San Jeronimo; 658 San Jose De La Montaña; 659 San Juan De Uraba; 660 San
Luis; 664 San Pedro De Los Milagros; 665 San Pedro De Uraba; 667 San Rafael; 670 San Roque; 674 San Vicente;
679 Santa Barbara; 686 Santa Rosa De Osos; 042 Santafe De Antioquia; 690 Santo Domingo; 736 Segovia; 756
Sonson; 761 Sopetran; 789 Tamesis; 790 Taraza; 792 Tarso; 809 Titiribi; 819 Toledo; 837 Turbo; 842 Uramita;
847 Urrao; 854 Valdivia; 856 Valparaiso; 858 Vegachi; 861 Venecia; 873 Vigia Del Fuerte; 885 Yali; 887
Yarumal; 890 Yolombo; 893 Yondo; 895 Zaragoza.
81 Arauca: 001 Arauca; 065 Arauquita; 220 Cravo Norte; 300 Fortul; 591 Puerto Rondon; 736 Saravena; 794 Tame.
88 Archipielago De San Andres: 564 Providencia; 001 San Andres.
08 Atlantico: 078 Baranoa; 001 Barranquilla; 137 Campo De La Cruz; 141 Candelaria; 296 Galapa; 372 Juan De
Acosta; 421 Luruaco; 433 Malambo; 436 Manati; 520 Palmar De Varela; 549 Piojo; 558 Polonuevo; 560 Ponedera;
573 Puerto Colombia; 606 Repelon; 634 Sabanagrande; 638 Sabanalarga; 675 Santa Lucia; 685 Santo Tomas; 758
Soledad; 770 Suan; 832 Tubara; 849 Usiacuri.
11 Bogota- D.c.: 001 Bogotá, D.c..
13 Bolivar: 006 Achi; 030 Altos Del Rosario; 042 Arenal; 052 Arjona; 062 Arroyohondo; 074 Barranco De Loba;
140 Calamar; 160 Cantagallo; 001 Cartagena; 188 Cicuco; 222 Clemencia; 212 Cordoba; 244 El Carmen De Bolivar;
248 El Guamo; 268 El Peñon; 300 Hatillo De Loba; 430 Magangue; 433 Mahates; 440 Margarita; 442 Maria La Baja;
468 Mompos; 458 Montecristo; 473 Morales; 490 Norosi; 549 Pinillos; 580 Regidor; 600 Rio Viejo; 620 San
Cristobal; 647 San Estanislao; 650 San Fernando; 654 San Jacinto; 655 San Jacinto Del Cauca; 657 San Juan
Nepomuceno; 667 San Martin De Loba; 670 San Pablo; 673 Santa Catalina; 683 Santa Rosa; 688 Santa Rosa Del Sur;
744 Simiti; 760 Soplaviento; 780 Talaigua Nuevo; 810 Tiquisio; 836 Turbaco; 838 Turbana; 873 Villanueva; 894
Zambrano.
15 Boyaca: 022 Almeida; 047 Aquitania; 051 Arcabuco; 087 Belen; 090 Berbeo; 092 Beteitiva; 097 Boavita; 104
Boyaca; 106 Briceño; 109 Buenavista; 114 Busbanza; 131 Caldas; 135 Campohermoso; 162 Cerinza; 172 Chinavita;
176 Chiquinquira; 232 Chiquiza; 180 Chiscas; 183 Chita; 185 Chitaraque; 187 Chivata; 236 Chivor; 189 Cienega;
204 Combita; 212 Coper; 215 Corrales; 218 Covarachia; 223 Cubara; 224 Cucaita; 226 Cuitiva; 238 Duitama; 244
El Cocuy; 248 El Espino; 272 Firavitoba; 276 Floresta; 293 Gachantiva; 296 Gameza; 332 Güican; 299 Garagoa;
317 Guacamayas; 322 Guateque; 325 Guayata; 362 Iza; 367 Jenesano; 368 Jerico; 380 La Capilla; 403 La Uvita;
401 La Victoria; 377 Labranzagrande; 425 Macanal; 442 Maripi; 455 Miraflores; 464 Mongua; 466 Mongui; 469
Moniquira; 476 Motavita; 480 Muzo; 491 Nobsa; 494 Nuevo Colon; 500 Oicata; 507 Otanche; 511 Pachavita; 514
Paez; 516 Paipa; 518 Pajarito; 522 Panqueba; 531 Pauna; 533 Paya; 537 Paz De Rio; 542 Pesca; 550 Pisba; 572
Puerto Boyaca; 580 Quipama; 599 Ramiriqui; 600 Raquira; 621 Rondon; 632 Saboya; 638 Sachica; 646 Samaca; 660
San Eduardo; 664 San Jose De Pare; 667 San Luis De Gaceno; 673 San Mateo; 676 San Miguel De Sema; 681 San
Pablo De Borbur; 690 Santa Maria; 693 Santa Rosa De Viterbo; 696 Santa Sofia; 686 Santana; 720 Sativanorte;
723 Sativasur; 740 Siachoque; 753 Soata; 757 Socha; 755 Socota; 759 Sogamoso; 761 Somondoco; 762 Sora; 764
Soraca; 763 Sotaquira; 774 Susacon; 776 Sutamarchan; 778 Sutatenza; 790 Tasco; 798 Tenza; 804 Tibana; 806
Tibasosa; 808 Tinjaca; 810 Tipacoque; 814 Toca; 816 Togúi; 820 Topaga; 822 Tota; 001 Tunja; 832 Tunungua; 835
Turmeque; 837 Tuta; 839 Tutaza; 842 Umbita; 861 Ventaquemada; 407 Villa De Leyva; 879 Viracacha; 897
Zetaquira.
17 Caldas: 013 Aguadas; 042 Anserma; 050 Aranzazu; 088 Belalcazar; 174 Chinchina; 272 Filadelfia; 380 La
Dorada; 388 La Merced; 001 Manizales; 433 Manzanares; 442 Marmato; 444 Marquetalia; 446 Marulanda; 486 Neira;
495 Norcasia; 513 Pacora; 524 Palestina; 541 Pensilvania; 614 Riosucio; 616 Risaralda; 653 Salamina; 662
Samana; 665 San Jose; 777 Supia; 867 Victoria; 873 Villamaria; 877 Viterbo.
18 Caqueta: 029 Albania; 094 Belen De Los Andaquies; 150 Cartagena Del Chaira; 205 Curillo; 247 El Doncello;
256 El Paujil; 001 Florencia; 410 La Montañita; 460 Milan; 479 Morelia; 592 Puerto Rico; 610 San Jose Del
Fragua; 753 San Vicente Del Caguan; 756 Solano; 785 Solita; 860 Valparaiso.
85 Casanare: 010 Aguazul; 015 Chameza; 125 Hato Corozal; 136 La Salina; 139 Mani; 162 Monterrey; 225 Nunchia;
230 Orocue; 250 Paz De Ariporo; 263 Pore; 279 Recetor; 300 Sabanalarga; 315 Sacama; 325 San Luis De Palenque;
400 Tamara; 410 Tauramena; 430 Trinidad; 440 Villanueva; 001 Yopal.
19 Cauca: 022 Almaguer; 050 Argelia; 075 Balboa; 100 Bolivar; 110 Buenos Aires; 130 Cajibio; 137 Caldono; 142
Caloto; 300 Caloto; 212 Corinto; 256 El Tambo; 290 Florencia; 318 Guapi; 355 Inza; 364 Jambalo; 392 La Sierra;
397 La Vega; 418 Lopez; 450 Mercaderes; 455 Miranda; 473 Morales; 513 Padilla; 517 Paez; 532 Patia; 533
Piamonte; 548 Piendamo; 001 Popayan; 573 Puerto Tejada; 585 Purace; 622 Rosas; 693 San Sebastian; 701 Santa
Rosa; 698 Santander De Quilichao; 743 Silvia; 760 Sotara; 780 Suarez; 785 Sucre; 807 Timbio; 809 Timbiqui; 821
Toribio; 824 Totoro; 845 Villa Rica.
20 Cesar: 011 Aguachica; 013 Agustin Codazzi; 032 Astrea; 045 Becerril; 060 Bosconia; 175 Chimichagua; 178
Chiriguana; 228 Curumani; 238 El Copey; 250 El Paso; 295 Gamarra; 310 Gonzalez; 383 La Gloria; 400 La Jagua De
Ibirico; 621 La Paz; 443 Manaure; 517 Pailitas; 550 Pelaya; 570 Pueblo Bello; 614 Rio De Oro; 710 San Alberto;
750 San Diego; 770 San Martin; 787 Tamalameque; 001 Valledupar.
27 Choco: 006 Acandi; 025 Alto Baudo; 050 Atrato; 073 Bagado; 075 Bahia Solano; 077 Bajo Baudo; 099 Bojaya;
150 Carmen Del Darien; 160 Certegui; 205 Condoto; 135 El Canton Del San Pablo; 245 El Carmen De Atrato; 250 El
Litoral Del San Juan; 361 Istmina; 372 Jurado; 413 Lloro; 425 Medio Atrato; 430 Medio Baudo; 450 Medio San
Juan; 491 Novita; 495 Nuqui; 001 Quibdo; 580 Rio Iro; 600 Rio Quito; 615 Riosucio; 660 San Jose Del Palmar;
745 Sipi; 787 Tado; 800 Unguia; 810 Union Panamericana.
23 Cordoba: 068 Ayapel; 079 Buenavista; 090 Canalete; 162 Cerete; 168 Chima; 182 Chinu; 189 Cienaga De Oro;
300 Cotorra; 350 La Apartada; 417 Lorica; 419 Los Cordobas; 500 Moñitos; 464 Momil; 466 Montelibano; 001
Monteria; 555 Planeta Rica; 570 Pueblo Nuevo; 574 Puerto Escondido; 580 Puerto Libertador; 586 Purisima; 660
Sahagun; 670 San Andres Sotavento; 672 San Antero; 675 San Bernardo Del Viento; 678 San Carlos; 682 San Jose
De Ure; 686 San Pelayo; 807 Tierralta; 815 Tuchin; 855 Valencia.
25 Cundinamarca: 001 Agua De Dios; 019 Alban; 035 Anapoima; 040 Anolaima; 599 Apulo; 053 Arbelaez; 086
Beltran; 095 Bituima; 099 Bojaca; 120 Cabrera; 123 Cachipay; 126 Cajica; 148 Caparrapi; 151 Caqueza; 154
Carmen De Carupa; 168 Chaguani; 175 Chia; 178 Chipaque; 181 Choachi; 183 Choconta; 200 Cogua; 214 Cota; 224
Cucunuba; 245 El Colegio; 258 El Peñon; 260 El Rosal; 269 Facatativa; 279 Fomeque; 281 Fosca; 286 Funza; 288
Fuquene; 290 Fusagasuga; 293 Gachala; 295 Gachancipa; 297 Gacheta; 299 Gama; 307 Girardot; 312 Granada; 317
Guacheta; 320 Guaduas; 322 Guasca; 324 Guataqui; 326 Guatavita; 328 Guayabal De Siquima; 335 Guayabetal; 339
Gutierrez; 368 Jerusalen; 372 Junin; 377 La Calera; 386 La Mesa; 394 La Palma; 398 La Peña; 402 La Vega; 407
Lenguazaque; 426 Macheta; 430 Madrid; 436 Manta; 438 Medina; 473 Mosquera; 483 Nariño; 486 Nemocon; 488 Nilo;
489 Nimaima; 491 Nocaima; 513 Pacho; 518 Paime; 524 Pandi; 530 Paratebueno; 535 Pasca; 572 Puerto Salgar; 580
Puli; 592 Quebradanegra; 594 Quetame; 596 Quipile; 612 Ricaurte; 645 San Antonio Del Tequendama; 649 San
Bernardo; 653 San Cayetano; 658 San Francisco; 662 San Juan De Rio Seco; 718 Sasaima; 736 Sesquile; 740
Sibate; 743 Silvania; 745 Simijaca; 754 Soacha; 758 Sopo; 769 Subachoque; 772 Suesca; 777 Supata; 779 Susa;
781 Sutatausa; 785 Tabio; 793 Tausa; 797 Tena; 799 Tenjo; 805 Tibacuy; 807 Tibirita; 815 Tocaima; 817
Tocancipa; 823 Topaipi; 839 Ubala; 841 Ubaque; 845 Une; 851 Utica; 506 Venecia; 862 Vergara; 867 Viani; 843
Villa De San Diego De Ubate; 871 Villagomez; 873 Villapinzon; 875 Villeta; 878 Viota; 885 Yacopi; 898 Zipacon;
899 Zipaquira.
94 Guainia: 343 Barranco Minas; 886 Cacahual; 885 Guadalupe; 001 Inirida; 663 Mapiripana; 888 Morichal; 887
Pana Pana; 884 Puerto Colombia; 883 San Felipe.
95 Guaviare: 015 Calamar; 025 El Retorno; 200 Miraflores; 001 San Jose Del Guaviare.
41 Huila: 006 Acevedo; 013 Agrado; 016 Aipe; 020 Algeciras; 026 Altamira; 078 Baraya; 132 Campoalegre; 206
Colombia; 244 Elias; 298 Garzon; 306 Gigante; 319 Guadalupe; 349 Hobo; 357 Iquira; 359 Isnos; 378 La
Argentina; 396 La Plata; 483 Nataga; 001 Neiva; 503 Oporapa; 518 Paicol; 524 Palermo; 530 Palestina; 548
Pital; 551 Pitalito; 615 Rivera; 660 Saladoblanco; 668 San Agustin; 676 Santa Maria; 770 Suaza; 791 Tarqui;
799 Tello; 801 Teruel; 797 Tesalia; 807 Timana; 872 Villavieja; 885 Yaguara.
44 La Guajira: 035 Albania; 078 Barrancas; 090 Dibulla; 098 Distraccion; 110 El Molino; 279 Fonseca; 378
Hatonuevo; 420 La Jagua Del Pilar; 430 Maicao; 560 Manaure; 001 Riohacha; 650 San Juan Del Cesar; 847 Uribia;
855 Urumita; 874 Villanueva.
47 Magdalena: 030 Algarrobo; 053 Aracataca; 058 Ariguani; 161 Cerro San Antonio; 170 Chibolo; 189 Cienaga; 205
Concordia; 245 El Banco; 258 El Piñon; 268 El Reten; 288 Fundacion; 318 Guamal; 460 Nueva Granada; 541
Pedraza; 545 Pijiño Del Carmen; 551 Pivijay; 555 Plato; 570 Puebloviejo; 605 Remolino; 660 Sabanas De San
Angel; 675 Salamina; 692 San Sebastian De Buenavista; 703 San Zenon; 707 Santa Ana; 720 Santa Barbara De
Pinto; 001 Santa Marta; 745 Sitionuevo; 798 Tenerife; 960 Zapayan; 980 Zona Bananera.
50 Meta: 006 Acacias; 110 Barranca De Upia; 124 Cabuyaro; 150 Castilla La Nueva; 223 Cubarral; 226 Cumaral;
245 El Calvario; 251 El Castillo; 270 El Dorado; 287 Fuente De Oro; 313 Granada; 318 Guamal; 350 La Macarena;
400 Lejanias; 325 Mapiripan; 330 Mesetas; 450 Puerto Concordia; 568 Puerto Gaitan; 577 Puerto Lleras; 573
Puerto Lopez; 590 Puerto Rico; 606 Restrepo; 680 San Carlos De Guaroa; 683 San Juan De Arama; 686 San Juanito;
689 San Martin; 370 Uribe; 001 Villavicencio; 711 Vistahermosa.
52 Nariño: 022 Aldana; 036 Ancuya; 051 Arboleda - Berruecos; 079 Barbacoas; 083 Belen; 110 Buesaco; 240
Chachagüi; 203 Colon; 207 Consaca; 210 Contadero; 215 Cordoba; 224 Cuaspud; 227 Cumbal; 233 Cumbitara; 250 El
Charco; 254 El Peñol; 256 El Rosario; 258 El Tablon De Gomez; 260 El Tambo; 520 Francisco Pizarro; 287 Funes;
317 Guachucal; 320 Guaitarilla; 323 Gualmatan; 352 Iles; 354 Imues; 356 Ipiales; 378 La Cruz; 381 La Florida;
385 La Llanada; 390 La Tola; 399 La Union; 405 Leiva; 411 Linares; 418 Los Andes; 427 Magüi; 435 Mallama; 473
Mosquera; 480 Nariño; 490 Olaya Herrera; 506 Ospina; 001 Pasto; 540 Policarpa; 560 Potosi; 565 Providencia;
573 Puerres; 585 Pupiales; 612 Ricaurte; 621 Roberto Payan; 678 Samaniego; 835 San Andres De Tumaco; 685 San
Bernardo; 019 San Jose De Alban; 687 San Lorenzo; 693 San Pablo; 694 San Pedro De Cartago; 683 Sandona; 696
Santa Barbara; 699 Santacruz; 720 Sapuyes; 786 Taminango; 788 Tangua; 838 Tuquerres; 885 Yacuanquer.
54 Norte De Santander: 003 Abrego; 051 Arboledas; 099 Bochalema; 109 Bucarasica; 128 Cachira; 125 Cacota; 172
Chinacota; 174 Chitaga; 206 Convencion; 001 Cucuta; 223 Cucutilla; 239 Durania; 245 El Carmen; 250 El Tarra;
261 El Zulia; 313 Gramalote; 344 Hacari; 347 Herran; 385 La Esperanza; 398 La Playa; 377 Labateca; 405 Los
Patios; 418 Lourdes; 480 Mutiscua; 498 Ocaña; 518 Pamplona; 520 Pamplonita; 553 Puerto Santander; 599
Ragonvalia; 660 Salazar; 670 San Calixto; 673 San Cayetano; 680 Santiago; 720 Sardinata; 743 Silos; 800
Teorama; 810 Tibu; 820 Toledo; 871 Villa Caro; 874 Villa Del Rosario.
86 Putumayo: 219 Colon; 573 Leguizamo; 001 Mocoa; 320 Orito; 568 Puerto Asis; 569 Puerto Caicedo; 571 Puerto
Guzman; 755 San Francisco; 757 San Miguel; 760 Santiago; 749 Sibundoy; 865 Valle Del Guamuez; 885 Villagarzon.
63 Quindio: 001 Armenia; 111 Buenavista; 130 Calarca; 190 Circasia; 212 Cordoba; 272 Filandia; 302 Genova; 401
La Tebaida; 470 Montenegro; 548 Pijao; 594 Quimbaya; 690 Salento.
66 Risaralda: 045 Apia; 075 Balboa; 088 Belen De Umbria; 170 Dosquebradas; 318 Guatica; 383 La Celia; 400 La
Virginia; 440 Marsella; 456 Mistrato; 001 Pereira; 572 Pueblo Rico; 594 Quinchia; 682 Santa Rosa De Cabal; 687
Santuario.
68 Santander: 013 Aguada; 020 Albania; 051 Aratoca; 077 Barbosa; 079 Barichara; 081 Barrancabermeja; 092
Betulia; 101 Bolivar; 001 Bucaramanga; 121 Cabrera; 132 California; 147 Capitanejo; 152 Carcasi; 160 Cepita;
162 Cerrito; 167 Charala; 169 Charta; 176 Chima; 179 Chipata; 190 Cimitarra; 207 Concepcion; 209 Confines; 211
Contratacion; 217 Coromoro; 229 Curiti; 235 El Carmen De Chucuri; 245 El Guacamayo; 250 El Peñon; 255 El
Playon; 264 Encino; 266 Enciso; 271 Florian; 276 Floridablanca; 296 Galan; 298 Gambita; 327 Güepsa; 307 Giron;
318 Guaca; 320 Guadalupe; 322 Guapota; 324 Guavata; 344 Hato; 368 Jesus Maria; 370 Jordan; 377 La Belleza; 397
La Paz; 385 Landazuri; 406 Lebrija; 418 Los Santos; 425 Macaravita; 432 Malaga; 444 Matanza; 464 Mogotes; 468
Molagavita; 498 Ocamonte; 500 Oiba; 502 Onzaga; 522 Palmar; 524 Palmas Del Socorro; 533 Paramo; 547
Piedecuesta; 549 Pinchote; 572 Puente Nacional; 573 Puerto Parra; 575 Puerto Wilches; 615 Rionegro; 655 Sabana
De Torres; 669 San Andres; 673 San Benito; 679 San Gil; 682 San Joaquin; 684 San Jose De Miranda; 686 San
Miguel; 689 San Vicente De Chucuri; 705 Santa Barbara; 720 Santa Helena Del Opon; 745 Simacota; 755 Socorro;
770 Suaita; 773 Sucre; 780 Surata; 820 Tona; 855 Valle De San Jose; 861 Velez; 867 Vetas; 872 Villanueva; 895
Zapatoca.
70 Sucre: 110 Buenavista; 124 Caimito; 230 Chalan; 204 Coloso; 215 Corozal; 221 Coveñas; 233 El Roble; 235
Galeras; 265 Guaranda; 400 La Union; 418 Los Palmitos; 429 Majagual; 473 Morroa; 508 Ovejas; 523 Palmito; 670
Sampues; 678 San Benito Abad; 702 San Juan De Betulia; 742 San Luis De Since; 708 San Marcos; 713 San Onofre;
717 San Pedro; 820 Santiago De Tolu; 001 Sincelejo; 771 Sucre; 823 Tolu Viejo.
73 Tolima: 024 Alpujarra; 026 Alvarado; 030 Ambalema; 043 Anzoategui; 055 Armero; 067 Ataco; 124 Cajamarca;
148 Carmen De Apicala; 152 Casabianca; 168 Chaparral; 200 Coello; 217 Coyaima; 226 Cunday; 236 Dolores; 268
Espinal; 270 Falan; 275 Flandes; 283 Fresno; 319 Guamo; 347 Herveo; 349 Honda; 001 Ibague; 352 Icononzo; 408
Lerida; 411 Libano; 443 Mariquita; 449 Melgar; 461 Murillo; 483 Natagaima; 504 Ortega; 520 Palocabildo; 547
Piedras; 555 Planadas; 563 Prado; 585 Purificacion; 616 Rioblanco; 622 Roncesvalles; 624 Rovira; 671 Saldaña;
675 San Antonio; 678 San Luis; 686 Santa Isabel; 770 Suarez; 854 Valle De San Juan; 861 Venadillo; 870
Villahermosa; 873 Villarrica.
76 Valle Del Cauca: 020 Alcala; 036 Andalucia; 041 Ansermanuevo; 054 Argelia; 100 Bolivar; 109 Buenaventura;
113 Bugalagrande; 122 Caicedonia; 001 Cali; 126 Calima; 130 Candelaria; 147 Cartago; 233 Dagua; 243 El Aguila;
246 El Cairo; 248 El Cerrito; 250 El Dovio; 275 Florida; 306 Ginebra; 318 Guacari; 111 Guadalajara De Buga;
364 Jamundi; 377 La Cumbre; 400 La Union; 403 La Victoria; 497 Obando; 520 Palmira; 563 Pradera; 606 Restrepo;
616 Riofrio; 622 Roldanillo; 670 San Pedro; 736 Sevilla; 823 Toro; 828 Trujillo; 834 Tulua; 845 Ulloa; 863
Versalles; 869 Vijes; 890 Yotoco; 892 Yumbo; 895 Zarzal.
97 Vaupes: 161 Caruru; 001 Mitu; 511 Pacoa; 777 Papunaua; 666 Taraira; 889 Yavarate.
99 Vichada: 773 Cumaribo; 524 La Primavera; 001 Puerto Carreño; 624 Santa Rosalia.
"""


def _unpack() -> tuple[Municipality, ...]:
    rows: list[Municipality] = []
    paragraphs = _PACKED.strip().replace("\n", " ").removesuffix(".").split(". ")
    for department_id, paragraph in enumerate(paragraphs, start=1):
        department, packed = paragraph.split(": ", 1)
        department_code, department_name = department.split(" ", 1)
        for entry in packed.split("; "):
            digits, name = entry.split(" ", 1)
            code = department_code + digits
            where = (department_id, department_code, department_name)
            rows.append(Municipality(len(rows) + 1, code, name, *where))
    return tuple(rows)


MUNICIPALITIES = _unpack()
MUNICIPALITY_BY_ID = {row.id: row for row in MUNICIPALITIES}
MUNICIPALITY_BY_CODE = {row.code: row for row in MUNICIPALITIES}
